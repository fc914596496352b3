//! An article before it is printed, and how newsrooms edit one.

use super::boilerplate::{CITIES_ARABIC, CITIES_ENGLISH, SIGNED_LETTERS, vowelled};
use super::language::{Language, Script};
use super::random::Random;

/// A word of the language; with [`COMMA`] after it, or a [`NUMBER`].
type Word = u32;
const COMMA: Word = 1 << 31;
const NUMBER: Word = 1 << 30;

/// One sentence in so many words has a number in it, about.
const NUMBERS: f64 = 0.03;
const COMMAS: f64 = 0.08;

/// The length of articles in words: log-normal, about as on agency wires.
const WORDS_MEDIAN: f64 = 310.0;
const WORDS_DEVIATION: f64 = 0.45;
const WORDS_MIN: usize = 60;
const WORDS_MAX: usize = 1_200;

/// An article as a row of sentences.
#[derive(Clone)]
pub(crate) struct Draft {
    title: Vec<Word>,
    dateline: String,
    sentences: Vec<Sentence>,
}

#[derive(Clone)]
struct Sentence {
    words: Vec<Word>,
    ends_paragraph: bool,
}

/// What was done to a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Nothing.
    Copy,
    /// Another title and dateline.
    Head,
    /// Jaccard similarity of about .88 to .985.
    Light,
    /// About .70 to .90.
    Medium,
    /// About .40 to .72.
    Heavy,
}

impl Edit {
    /// An edit as often as newsrooms make it.
    pub(crate) fn draw(random: &mut Random) -> Self {
        match random.below(100) {
            0..10 => Self::Copy,
            10..28 => Self::Head,
            28..70 => Self::Light,
            70..90 => Self::Medium,
            _ => Self::Heavy,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Head => "head",
            Self::Light => "light",
            Self::Medium => "medium",
            Self::Heavy => "heavy",
        }
    }

    /// The Jaccard similarity it aims at.
    fn target(self, random: &mut Random) -> f64 {
        let (from, to) = match self {
            Self::Copy | Self::Head => (1.0, 1.0),
            Self::Light => (0.88, 0.985),
            Self::Medium => (0.70, 0.90),
            Self::Heavy => (0.40, 0.72),
        };
        from + random.share() * (to - from)
    }
}

impl Draft {
    /// An article nobody wrote before.
    pub(crate) fn fresh(language: &Language, random: &mut Random) -> Self {
        let length = (WORDS_MEDIAN.ln() + WORDS_DEVIATION * random.normal()).exp();
        let length = (length as usize).clamp(WORDS_MIN, WORDS_MAX);
        let mut sentences = Vec::new();
        let mut words = 0;
        let mut paragraph_left = 0;
        while words < length {
            if paragraph_left == 0 {
                paragraph_left = random.between(1, 4);
            }
            paragraph_left -= 1;
            let sentence = sentence(language, random, paragraph_left == 0);
            words += sentence.words.len();
            sentences.push(sentence);
        }
        Self { title: title(language, random), dateline: dateline(language, random), sentences }
    }

    /// How many words its sentences have.
    pub(crate) fn words(&self) -> usize {
        self.sentences.iter().map(|sentence| sentence.words.len()).sum()
    }

    /// The next version.
    pub(crate) fn edited(&self, edit: Edit, language: &Language, random: &mut Random) -> Self {
        let mut draft = self.clone();
        if edit == Edit::Copy {
            return draft;
        }
        if edit == Edit::Head || random.chance(0.6) {
            draft.title = title(language, random);
        }
        if edit == Edit::Head || random.chance(0.6) {
            draft.dateline = dateline(language, random);
        }
        let target = edit.target(random);
        match edit {
            Edit::Copy | Edit::Head => {}
            _ => match random.below(4) {
                0 => draft.swap_words(target, language, random),
                1 => draft.rewrite_sentences(target, language, random),
                2 => {
                    draft.swap_words((1.0 + target) / 2.0, language, random);
                    draft.rewrite_sentences((1.0 + target) / 2.0, language, random);
                }
                _ => draft.cut((draft.words() as f64 * target) as usize),
            },
        }
        draft
    }

    /// One to three words changed, as in the day's version of a template.
    pub(crate) fn filled_in(&self, language: &Language, random: &mut Random) -> Self {
        let mut draft = self.clone();
        for _ in 0..random.between(1, 4) {
            draft.swap_word(language, random);
        }
        draft
    }

    /// Other words in so many places that a share `target` of the word
    /// 5-grams of both versions is left.
    fn swap_words(&mut self, target: f64, language: &Language, random: &mut Random) {
        let swaps = (1.0 - kept_share(target).powf(0.2)) * self.words() as f64;
        for _ in 0..(swaps.round() as usize).max(1) {
            self.swap_word(language, random);
        }
    }

    fn swap_word(&mut self, language: &Language, random: &mut Random) {
        let sentence = random.below(self.sentences.len());
        let words = &mut self.sentences[sentence].words;
        let at = random.below(words.len());
        words[at] = language.draw(random);
    }

    /// Some sentences replaced, some deleted.
    fn rewrite_sentences(&mut self, target: f64, language: &Language, random: &mut Random) {
        let mut words = ((1.0 - kept_share(target)) * self.words() as f64) as isize;
        while words > 0 {
            let at = random.below(self.sentences.len());
            let old = &self.sentences[at];
            words -= old.words.len() as isize;
            if self.sentences.len() == 1 || random.chance(0.8) {
                self.sentences[at] = sentence(language, random, old.ends_paragraph);
            } else {
                self.sentences.remove(at);
            }
        }
    }

    /// The first `words` words.
    fn cut(&mut self, words: usize) {
        let mut left = words.max(1);
        self.sentences.retain_mut(|sentence| {
            sentence.words.truncate(left);
            left -= sentence.words.len();
            !sentence.words.is_empty()
        });
    }

    /// The text as it is printed, without boilerplate.
    pub(crate) fn print(&self, language: &Language) -> String {
        let mut text = String::with_capacity(12 * self.words());
        let mut printer = Printer { language, text: &mut text };
        printer.words(&self.title, true);
        text.push_str("\n\n");
        text.push_str(&self.dateline);
        for (number, sentence) in self.sentences.iter().enumerate() {
            Printer { language, text: &mut text }.words(&sentence.words, true);
            text.push('.');
            if number + 1 < self.sentences.len() {
                text.push_str(if sentence.ends_paragraph { "\n\n" } else { " " });
            }
        }
        text
    }
}

/// Of two versions with Jaccard similarity `q`, the share that each has in
/// common with the other, if both changed alike.
fn kept_share(q: f64) -> f64 {
    2.0 * q / (1.0 + q)
}

fn sentence(language: &Language, random: &mut Random, ends_paragraph: bool) -> Sentence {
    let length = random.between(6, 34);
    let mut before = language.draw(random);
    let mut words = Vec::with_capacity(length);
    while words.len() < length {
        let mut word = before;
        if random.chance(NUMBERS) {
            word = NUMBER | (random.power_law(1, 9_999, 1.2) as Word);
        }
        if random.chance(COMMAS) && words.len() + 1 < length {
            word |= COMMA;
        }
        words.push(word);
        before = language.next(before, random);
    }
    Sentence { words, ends_paragraph }
}

fn title(language: &Language, random: &mut Random) -> Vec<Word> {
    (0..random.between(5, 11)).map(|_| language.draw(random)).collect()
}

fn dateline(language: &Language, random: &mut Random) -> String {
    let day = random.between(1, 29);
    match language.script {
        Script::Arabic => {
            let (city, agency) = (random.one_of(CITIES_ARABIC), random.one_of(AGENCIES_ARABIC));
            format!("{city}، {day} ({agency}) - ")
        }
        Script::English => {
            let (city, agency) = (random.one_of(CITIES_ENGLISH), random.one_of(AGENCIES_ENGLISH));
            let month = random.one_of(&["Jan", "Feb", "March", "April", "May", "June"]);
            format!("{}, {month} {day} ({agency}) - ", city.to_uppercase())
        }
    }
}

/// Writes words down.
struct Printer<'p> {
    language: &'p Language,
    text: &'p mut String,
}

impl Printer<'_> {
    fn words(&mut self, words: &[Word], begins_sentence: bool) {
        for (at, &word) in words.iter().enumerate() {
            if at > 0 {
                self.text.push(' ');
            }
            let start = self.text.len();
            if word & NUMBER != 0 {
                self.text.push_str(&(word & !(NUMBER | COMMA)).to_string());
            } else {
                self.text.push_str(self.language.word(word & !COMMA));
            }
            if at == 0 && begins_sentence && self.language.script == Script::English {
                self.text[start..=start].make_ascii_uppercase();
            }
            if word & COMMA != 0 {
                self.text.push_str(match self.language.script {
                    Script::Arabic => "،",
                    Script::English => ",",
                });
            }
        }
    }
}

/// How a newsroom types what another one has written.
pub(crate) fn retyped(text: String, script: Script, random: &mut Random) -> (String, &'static str) {
    match random.below(100) {
        0..15 if script == Script::Arabic => {
            (vowelled(&text, SIGNED_LETTERS / 2.0, random), "+marks")
        }
        15..25 => {
            let mut retyped = String::with_capacity(text.len());
            for c in text.chars() {
                match c {
                    '،' if random.chance(0.5) => retyped.push(','),
                    '.' if random.chance(0.5) => retyped.push_str(" ."),
                    other => retyped.push(other),
                }
            }
            (retyped, "+punct")
        }
        _ => (text, ""),
    }
}

/// Who printed it.
pub(crate) const AGENCIES_ENGLISH: &[&str] = &[
    "Quayside Wire",
    "Inland News Agency",
    "The Morning Ledger",
    "Coastal Courier",
    "Upland Dispatch",
    "The Evening Standard-Bearer",
    "Radio Delta",
    "Border Herald",
];
/// The same in Arabic.
pub(crate) const AGENCIES_ARABIC: &[&str] = &[
    "وكالة الرصيف",
    "جريدة السهول",
    "صحيفة الصباح الباكر",
    "إذاعة الوادي",
    "وكالة الساحل للأنباء",
    "مجلة الهضبة",
    "صحيفة المساء",
    "بوابة الحدود",
];
