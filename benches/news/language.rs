//! Two made-up languages that look like Arabic and English.
//!
//! The most frequent words are real ones, the others are built as the language
//! builds words: roots of three letters in patterns, syllables. Frequencies
//! follow Zipf's law, and each word has successors of its own, few or many, so
//! that phrases come back in articles that have nothing to do with each other,
//! as they do in news.

use std::collections::HashSet;

use super::random::{Random, mix};

/// Different words of a language, about those of a year of news.
const WORDS: usize = 120_000;

/// Probability that a word follows from the one before it.
const FOLLOWS: f64 = 0.55;

/// Different successors of a word of a rank: common words are followed by
/// almost anything, rare ones by little.
fn successors(word: u32) -> usize {
    match word {
        0..200 => 4_000,
        200..5_000 => 400,
        5_000..40_000 => 60,
        _ => 12,
    }
}

/// What a corpus is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// Arabic letters.
    Arabic,
    /// Latin letters.
    English,
}

/// A language: its words by rank, and how they are drawn.
pub(crate) struct Language {
    pub script: Script,
    words: Vec<String>,
    by_frequency: LogUniform,
}

impl Language {
    /// The same language for every corpus.
    pub(crate) fn new(script: Script) -> Self {
        let mut random = Random::of(0, 0, script as u64);
        let common_words = match script {
            Script::Arabic => COMMON_ARABIC,
            Script::English => COMMON_ENGLISH,
        };
        let mut words: Vec<String> = common_words.split_whitespace().map(str::to_owned).collect();
        let common = words.len();
        let mut met: HashSet<String> = words.iter().cloned().collect();
        while words.len() < WORDS {
            let word = match script {
                Script::Arabic => arabic_word(&mut random),
                Script::English => english_word(&mut random),
            };
            if met.insert(word.clone()) {
                words.push(word);
            }
        }
        // Frequent words are short (Zipf's law of brevity).
        words[common..].sort_by_key(|word| word.chars().count());
        Self { script, words, by_frequency: LogUniform::new(WORDS) }
    }

    /// A word, as it is written.
    pub(crate) fn word(&self, number: u32) -> &str {
        &self.words[number as usize]
    }

    /// Any word: the one of rank `r` with probability in proportion to `1/r`.
    pub(crate) fn draw(&self, random: &mut Random) -> u32 {
        self.by_frequency.at(random.bits())
    }

    /// A word to follow another one.
    pub(crate) fn next(&self, before: u32, random: &mut Random) -> u32 {
        if !random.chance(FOLLOWS) {
            return self.draw(random);
        }
        // A frequent successor is drawn more often than a rare one, too.
        let (a, b) = (random.share(), random.share());
        let choice = (successors(before) as f64 * a * b) as u64;
        self.by_frequency.at(mix(u64::from(before) << 32 | choice))
    }
}

/// Ranks with probability in proportion to `1/rank`.
struct LogUniform {
    /// Where each of equally likely stretches of ranks begins, and the end.
    starts: Vec<u32>,
}

impl LogUniform {
    const STRETCH_BITS: u32 = 16;

    fn new(ranks: usize) -> Self {
        let stretches = 1 << Self::STRETCH_BITS;
        let start = |i: usize| ((ranks as f64).powf(i as f64 / stretches as f64) - 1.0) as u32;
        Self { starts: (0..=stretches).map(start).collect() }
    }

    fn at(&self, bits: u64) -> u32 {
        let stretch = (bits >> (u64::BITS - Self::STRETCH_BITS)) as usize;
        let (start, end) = (self.starts[stretch], self.starts[stretch + 1]);
        let width = u64::from((end - start).max(1));
        start + ((u64::from(bits as u32) * width) >> 32) as u32
    }
}

fn english_word(random: &mut Random) -> String {
    const ONSETS: &[&str] = &[
        "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "l", "m", "n", "p",
        "pr", "r", "s", "sh", "st", "str", "t", "tr", "v", "w", "",
    ];
    const VOWELS: &[&str] = &["a", "e", "i", "o", "u", "ea", "ou", "ai"];
    const CODAS: &[&str] = &["", "", "n", "r", "l", "s", "t", "d", "m", "nd", "st", "ck", "ng"];
    const ENDINGS: &[&str] = &["", "", "", "s", "ed", "ing", "er", "ly", "tion", "ment"];
    let syllables = 1 + usize::from(random.chance(0.7)) + usize::from(random.chance(0.3));
    let mut word = String::new();
    for _ in 0..syllables {
        word += *random.one_of(ONSETS);
        word += *random.one_of(VOWELS);
        word += *random.one_of(CODAS);
    }
    word + *random.one_of(ENDINGS)
}

/// A root of three letters in a pattern, with what may stand before and after.
fn arabic_word(random: &mut Random) -> String {
    const LETTERS: &[char] = &[
        'ب', 'ت', 'ث', 'ج', 'ح', 'خ', 'د', 'ذ', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ع', 'غ', 'ف',
        'ق', 'ك', 'ل', 'م', 'ن', 'ه', 'و', 'ي',
    ];
    /// Digits stand for the letters of the root.
    const PATTERNS: &[&str] = &[
        "123",
        "1ا23",
        "12ا3",
        "12ي3",
        "م123",
        "م12و3",
        "ت12ي3",
        "م1ا23",
        "ا12ا3",
        "است12ا3",
        "ا1ت2ا3",
        "ت1ا23",
        "م12ا3",
        "ي123",
        "ت123",
        "أ123",
        "12و3",
        "مت123",
        "ان12ا3",
    ];
    const BEFORE: &[&str] = &["", "", "", "ال", "ال", "ال", "و", "وال", "بال", "لل", "ب", "ل"];
    const AFTER: &[&str] =
        &["", "", "", "", "ة", "ة", "ات", "ين", "ون", "ها", "ه", "هم", "ية", "ى"];
    let root = [(); 3].map(|()| *random.one_of(LETTERS));
    let mut word = String::from(*random.one_of(BEFORE));
    for c in random.one_of(PATTERNS).chars() {
        word.push(match c {
            '1' => root[0],
            '2' => root[1],
            '3' => root[2],
            other => other,
        });
    }
    word + *random.one_of(AFTER)
}

const COMMON_ENGLISH: &str = "the of to and in a that for is on said was it with by as at from he \
    be has have his are an will not they this its but were had or which their been who one more \
    would after about up there than also year two new when we out other people government first \
    last all if into over company some percent million years market no president could time state \
    minister country can before between during under against three week most made while bank group \
    official report world since day you national";

const COMMON_ARABIC: &str = "في من على إلى أن التي عن الذي مع هذا هذه بعد كما بين كان قال لم ما لا \
    خلال حيث ذلك قد وقال أو وفي كل هو عام أي رئيس منذ اليوم كانت غير إن يوم قبل حتى عبر ومن أكثر \
    عدد تم وأضاف هي الدولة وزير مجلس ثم الحكومة جديدة العالم مليون حول ضد عند أمس تونس العمل نحو \
    عدم دون لكن تحت وهو فيه عليه بها وأن دولة وزارة أول السنة أنه وقد إذا جميع بعض";
