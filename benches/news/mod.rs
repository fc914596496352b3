//! News-like corpora that need nothing from outside: made-up articles, half
//! Arabic, half English, with planted copies and boilerplate, and the truth
//! about them.
//!
//! An article is a function of the seed and its number: corpora of any size
//! are written in parallel and without being held in memory, and the first
//! articles of two corpora differ only in which of them are copies.

pub(crate) mod boilerplate;
pub(crate) mod draft;
pub(crate) mod language;
pub(crate) mod random;
pub(crate) mod write;

use boilerplate::Boilerplate;
use draft::{AGENCIES_ARABIC, AGENCIES_ENGLISH, Draft, Edit, retyped};
use language::{Language, Script};
use random::Random;

/// What a corpus is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A fifth of the articles belong to stories of 2 to 100 edited copies;
    /// three in ten carry boilerplate.
    News,
    /// The same, and one paragraph is in every article.
    Boilerplate,
    /// Every article has the same text.
    Same,
    /// Every article is one of a hundred, with one to three words changed.
    Templates,
    /// Half the articles belong to stories, the largest of which hold a tenth
    /// of the corpus.
    HeavyTail,
}

impl Shape {
    /// All of them, by the name they are asked for.
    pub(crate) const ALL: [(&'static str, Self); 5] = [
        ("news", Self::News),
        ("boilerplate", Self::Boilerplate),
        ("same", Self::Same),
        ("templates", Self::Templates),
        ("heavy-tail", Self::HeavyTail),
    ];
}

/// The largest story of [`Shape::News`].
const STORY_MAX: usize = 100;
const TEMPLATES: usize = 100;
/// Days in which the articles appear, from 2023-01-01 on.
const DAYS: usize = 730;
/// Probability that an article carries boilerplate, and a second one.
const BOILERPLATE: f64 = 0.30;
const BOILERPLATE_TWICE: f64 = 0.05;

/// What random numbers are drawn for; each has a sequence of its own.
#[derive(Clone, Copy)]
enum Purpose {
    Sizes = 1,
    Places,
    Single,
    Base,
    Version,
    Print,
}

/// A corpus that can be written down.
pub(crate) struct Corpus {
    pub shape: Shape,
    pub seed: u64,
    languages: [Language; 2],
    /// For each article its story and its number within it.
    places: Vec<Place>,
    /// The articles of each story, the first version first.
    stories: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    story: u32,
    version: u32,
}

/// The story of an article that has none.
const NO_STORY: u32 = u32::MAX;

/// An article and the truth about it.
pub(crate) struct Article {
    pub text: String,
    pub script: Script,
    pub source: &'static str,
    /// Days since 2023-01-01.
    pub day: usize,
    pub story: Option<u32>,
    /// The article it was made from.
    pub parent: Option<u32>,
    /// What was done to it.
    pub kind: String,
    /// Boilerplate: name, edits, and first and last byte (exclusive) in the
    /// text.
    pub boilerplate: Vec<(Boilerplate, usize, usize)>,
}

impl Corpus {
    /// Plans a corpus of so many articles.
    pub(crate) fn new(shape: Shape, articles: u32, seed: u64) -> Self {
        let mut sizes = Random::of(seed, Purpose::Sizes as u64, 0);
        let count = articles as usize;
        let (share, size_max, exponent) = match shape {
            Shape::News | Shape::Boilerplate => (0.20, STORY_MAX, 2.2),
            Shape::HeavyTail => (0.50, (count / 10).max(2), 1.5),
            Shape::Same | Shape::Templates => (0.0, 2, 2.0),
        };
        let mut in_stories = (share * count as f64) as usize;
        let mut order: Vec<u32> = (0..articles).collect();
        Random::of(seed, Purpose::Places as u64, 0).shuffle(&mut order);
        let mut places = vec![Place { story: NO_STORY, version: 0 }; count];
        let mut stories = Vec::new();
        while in_stories >= 2 {
            let size = sizes.power_law(2, size_max, exponent).min(in_stories);
            let members = order.split_off(order.len() - size);
            for (version, &member) in (0..).zip(&members) {
                places[member as usize] = Place { story: stories.len() as u32, version };
            }
            stories.push(members);
            in_stories -= size;
        }
        let languages = [Script::Arabic, Script::English].map(Language::new);
        Self { shape, seed, languages, places, stories }
    }

    /// How many articles there are.
    pub(crate) fn len(&self) -> u32 {
        self.places.len() as u32
    }

    /// The articles of each story.
    pub(crate) fn stories(&self) -> &[Vec<u32>] {
        &self.stories
    }

    fn random(&self, purpose: Purpose, number: u64) -> Random {
        Random::of(self.seed, purpose as u64, number)
    }

    /// An article.
    pub(crate) fn article(&self, number: u32) -> Article {
        let Place { story, version } = self.places[number as usize];
        let mut print = self.random(Purpose::Print, u64::from(number));
        let (script, draft, mut day, parent, mut kind) = match self.shape {
            Shape::Same => {
                let (script, draft) = self.base(0);
                (script, draft, 0, (number > 0).then_some(0), "copy".to_owned())
            }
            Shape::Templates => {
                let template = self.random(Purpose::Version, u64::from(number)).below(TEMPLATES);
                let (script, draft) = self.base(template as u32);
                let draft = draft.filled_in(self.language(script), &mut print);
                (script, draft, template, None, format!("template {template}"))
            }
            _ if story == NO_STORY => {
                let mut random = self.random(Purpose::Single, u64::from(number));
                let script = self.script(&mut random);
                let draft = Draft::fresh(self.language(script), &mut random);
                (script, draft, random.below(DAYS), None, "single".to_owned())
            }
            _ => {
                let (script, base) = self.base(story);
                let draft = self.version(base, script, story, version);
                let made = (version > 0).then(|| self.made(story, version));
                let kind = made.map_or("base", |(_, edit)| edit.name());
                let members = &self.stories[story as usize];
                let parent = made.map(|(from, _)| members[from as usize]);
                let day = self.random(Purpose::Base, u64::from(story)).below(DAYS);
                (script, draft, day, parent, kind.to_owned())
            }
        };
        if self.shape == Shape::Same {
            print = self.random(Purpose::Print, 0);
        }
        let language = self.language(script);
        let mut text = draft.print(language);
        if parent.is_some() && kind != "copy" {
            let (retyped, how) = retyped(text, script, &mut print);
            text = retyped;
            kind += how;
        }
        let mut spans = Vec::new();
        for boilerplate in self.boilerplate(script, &mut print) {
            if self.shape != Shape::Boilerplate
                && draft.words() < boilerplate.text.split(' ').count()
            {
                continue;
            }
            text.push_str("\n\n");
            let start = text.len();
            text.push_str(&boilerplate.text);
            spans.push((boilerplate, start, text.len()));
        }
        day = (day + print.below(5)).min(DAYS - 1);
        let agencies = match script {
            Script::Arabic => AGENCIES_ARABIC,
            Script::English => AGENCIES_ENGLISH,
        };
        let source = *print.one_of(agencies);
        let story = (story != NO_STORY).then_some(story);
        Article { text, script, source, day, story, parent, kind, boilerplate: spans }
    }

    fn boilerplate(&self, script: Script, random: &mut Random) -> Vec<Boilerplate> {
        let share = random.share();
        let mut drawn = Vec::new();
        if self.shape == Shape::Boilerplate {
            drawn.push(boilerplate::edited(script, 0, random));
        } else if share < BOILERPLATE {
            drawn.push(boilerplate::draw(script, random));
        }
        if share < BOILERPLATE_TWICE {
            drawn.push(boilerplate::draw(script, random));
        }
        drawn
    }

    fn language(&self, script: Script) -> &Language {
        &self.languages[script as usize]
    }

    fn script(&self, random: &mut Random) -> Script {
        *random.one_of(&[Script::Arabic, Script::English])
    }

    /// The first version of a story, or a template.
    fn base(&self, story: u32) -> (Script, Draft) {
        let mut random = self.random(Purpose::Base, u64::from(story));
        let _day = random.bits();
        let script = self.script(&mut random);
        (script, Draft::fresh(self.language(script), &mut random))
    }

    /// From which version a version was made, and how: mostly from the first.
    fn made(&self, story: u32, version: u32) -> (u32, Edit) {
        let mut random = self.random(Purpose::Version, u64::from(story) << 32 | u64::from(version));
        let from = if random.chance(0.7) { 0 } else { random.below(version as usize) as u32 };
        (from, Edit::draw(&mut random))
    }

    /// A version of a story: the first with all edits that lead to it.
    fn version(&self, base: Draft, script: Script, story: u32, version: u32) -> Draft {
        let mut path = vec![version];
        while let Some(&last @ 1..) = path.last() {
            path.push(self.made(story, last).0);
        }
        path.iter().rev().skip(1).fold(base, |draft, &version| {
            let number = u64::from(story) << 32 | u64::from(version);
            let mut random = self.random(Purpose::Version, number ^ 1 << 63);
            draft.edited(self.made(story, version).1, self.language(script), &mut random)
        })
    }
}
