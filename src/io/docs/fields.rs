//! What a `<DOC>` says: its text, and what its tags and attributes tell of it.

use std::borrow::Cow;
use std::ops::Range;

use super::tags::{self, Piece, Plain, Tag, attributes, entities, pieces};
use crate::document::{Date, Timestamp};
use crate::io::dates;
use crate::io::json::{
    DATE_NAMES, Fields, ID_NAMES, Record, SOURCE_NAMES, TEXT_NAMES, TITLE_NAMES,
};
use crate::visible::visible;

/// Names of ids beside those of JSON fields: TREC's.
const ID_TAGS: &[&str] = &["docno", "doc_no"];
/// Names of dates beside those of JSON fields: AQUAINT's and ANT's.
const DATE_TAGS: &[&str] = &["date_time", "pub_date"];
/// Names of headlines beside those of JSON fields: TREC's.
const TITLE_TAGS: &[&str] = &["hl", "head", "ttl", "ti"];
/// Texts that stand before a `<TEXT>` and belong to it: TREC's lead
/// paragraphs.
const LEAD_TAGS: &[&str] = &["lp", "leadpara"];
/// Tags that can stand in a running text. A record with no others and no
/// `<TEXT>` is text as a whole.
const INLINE_TAGS: &[&str] = &[
    "p",
    "s",
    "g",
    "br",
    "b",
    "i",
    "u",
    "em",
    "strong",
    "a",
    "span",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "hr",
    "sup",
    "sub",
    "table",
    "tr",
    "td",
    "th",
    "blockquote",
];

/// How deep tags are followed into each other; corpora go three deep.
const NESTING_MAX: usize = 64;

/// How many of a record's other tags a message shows.
const TAGS_SHOWN_MAX: usize = 12;

/// Reads records under one choice of [`Fields`].
#[derive(Clone, Debug)]
pub(crate) struct DocParser {
    text: Names,
    id: Names,
    date: Names,
    source: Names,
    title: Names,
}

/// The names a field goes by, in the order in which they count.
#[derive(Clone, Debug)]
struct Names {
    names: Vec<String>,
    is_given: bool,
}

impl Names {
    fn new(given: Option<&String>, names: &[&[&str]]) -> Self {
        let usual = || names.concat().iter().map(|&name| name.to_owned()).collect();
        Self {
            names: given.map_or_else(usual, |name| vec![name.clone()]),
            is_given: given.is_some(),
        }
    }

    fn rank(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name))
    }
}

/// What was found of a field: the value of the name that counts most.
struct Best<'a> {
    rank: usize,
    value: Cow<'a, str>,
}

/// Keeps the value of the better name; of equal ones, the first.
fn offer<'a>(
    best: &mut Option<Best<'a>>,
    rank: Option<usize>,
    value: impl FnOnce() -> Cow<'a, str>,
) {
    let Some(rank) = rank else { return };
    if best.as_ref().is_none_or(|best| rank < best.rank) {
        let value = value();
        if !value.trim().is_empty() {
            *best = Some(Best { rank, value });
        }
    }
}

/// What a record's tags and attributes tell, but for its text.
#[derive(Default)]
struct Told<'a> {
    id: Option<Best<'a>>,
    date: Option<Best<'a>>,
    source: Option<Best<'a>>,
    title: Option<Best<'a>>,
}

impl DocParser {
    /// A parser for these fields, which are names of tags or attributes, in
    /// any case.
    pub(crate) fn new(fields: &Fields) -> Self {
        Self {
            text: Names::new(fields.text.as_ref(), &[TEXT_NAMES]),
            id: Names::new(fields.id.as_ref(), &[ID_TAGS, ID_NAMES]),
            date: Names::new(fields.date.as_ref(), &[DATE_NAMES, DATE_TAGS]),
            source: Names::new(fields.source.as_ref(), &[SOURCE_NAMES]),
            title: Names::new(fields.title.as_ref(), &[TITLE_NAMES, TITLE_TAGS]),
        }
    }

    /// Reads a record of marked-up text.
    ///
    /// # Errors
    /// In plain words: it does not end, or its text is in none of the tags it
    /// is looked for in.
    pub(crate) fn sgml(&self, record: &str) -> Result<Record<'static>, String> {
        let inside = body(record)?;
        let mut told = Told::default();
        self.tell_attributes(inside.attributes, &mut told);
        let elements = self.elements(inside.text);
        for Element { name, content, .. } in &elements.known {
            self.tell(
                name,
                || Cow::Owned(tags::one_line(&inside.text[content.clone()])),
                &mut told,
            );
        }
        let text = self.text(inside.text, &elements)?;
        Ok(told.record(text))
    }

    /// Reads a record of vertical text: one token a line, its first column
    /// the word, `<g/>` between tokens without a space.
    ///
    /// # Errors
    /// In plain words: it does not end.
    pub(crate) fn vertical(&self, record: &str) -> Result<Record<'static>, String> {
        let inside = body(record)?;
        let mut told = Told::default();
        self.tell_attributes(inside.attributes, &mut told);
        let mut text = Plain::default();
        let mut is_glued = false;
        for line in inside.text.lines() {
            let line = line.trim_end();
            if let Some(tag) = structure(line) {
                is_glued |= tag.is("g");
                if ["p", "head", "title"].iter().any(|name| tag.is(name)) {
                    text.paragraph();
                }
                continue;
            }
            let token = line.split('\t').next().unwrap_or_default();
            if !token.is_empty() {
                text.token(&entities(token), std::mem::take(&mut is_glued));
            }
        }
        Ok(told.record(text.finish()))
    }

    fn tell_attributes<'a>(&self, inside: &'a str, told: &mut Told<'a>) {
        for (name, value) in attributes(inside) {
            self.tell(name, || value.clone(), told);
        }
    }

    fn tell<'a>(&self, name: &str, value: impl Fn() -> Cow<'a, str>, told: &mut Told<'a>) {
        offer(&mut told.id, self.id.rank(name), &value);
        offer(&mut told.date, self.date.rank(name), &value);
        offer(&mut told.source, self.source.rank(name), &value);
        offer(&mut told.title, self.title.rank(name), &value);
    }

    /// The elements with names that we know, and the names of others.
    fn elements<'a>(&self, text: &'a str) -> Elements<'a> {
        let mut open: Vec<Tag<'_>> = Vec::new();
        let mut elements = Elements::default();
        for piece in pieces(text) {
            let Piece::Tag(tag) = piece else { continue };
            if tag.is_end {
                let Some(depth) = open.iter().rposition(|begin| begin.is(tag.name)) else {
                    continue;
                };
                // Those inside it that were never ended hold nothing.
                let begin = open.drain(depth..).next().expect("it was found there");
                if self.is_known(begin.name) {
                    elements.known.push(Element {
                        name: begin.name,
                        whole: begin.start..tag.end,
                        content: begin.end..tag.start,
                    });
                } else if !begin.is("body") {
                    elements.other(begin.name);
                }
            } else if !tag.is_empty
                && open.len() < NESTING_MAX
                && !INLINE_TAGS.iter().any(|name| tag.is(name))
            {
                open.push(tag);
            }
        }
        elements.known.sort_unstable_by_key(|element| element.whole.start);
        elements
    }

    fn is_known(&self, name: &str) -> bool {
        let is_lead = LEAD_TAGS.iter().any(|lead| lead.eq_ignore_ascii_case(name));
        is_lead
            || [&self.text, &self.id, &self.date, &self.source, &self.title]
                .iter()
                .any(|names| names.rank(name).is_some())
    }

    fn text(&self, inside: &str, elements: &Elements<'_>) -> Result<String, String> {
        let best = elements.known.iter().filter_map(|element| self.text.rank(element.name)).min();
        let is_lead = |name: &str| {
            !self.text.is_given && LEAD_TAGS.iter().any(|lead| lead.eq_ignore_ascii_case(name))
        };
        let is_text = |element: &&Element<'_>| {
            is_lead(element.name) || best.is_some() && self.text.rank(element.name) == best
        };
        let mut text = Plain::default();
        let mut end = 0;
        for element in elements.known.iter().filter(is_text) {
            // One inside another was taken with it.
            if element.whole.start >= end {
                text.paragraph();
                text.markup(&inside[element.content.clone()]);
                end = element.whole.end;
            }
        }
        if end > 0 {
            return Ok(text.finish());
        }
        if self.text.is_given || !elements.others.is_empty() {
            return Err(self.no_text(elements));
        }
        for element in &elements.known {
            if element.whole.start >= end {
                text.markup(&inside[end..element.whole.start]);
                text.paragraph();
                end = element.whole.end;
            }
        }
        text.markup(&inside[end..]);
        Ok(text.finish())
    }

    fn no_text(&self, elements: &Elements<'_>) -> String {
        let quoted = |name: &str| format!("`{}`", visible(name));
        let looked_for: Vec<_> = self.text.names.iter().map(|name| quoted(name)).collect();
        let others: Vec<_> = elements.others.iter().map(|name| quoted(name)).collect();
        let there = match &others[..] {
            [] => String::new(),
            others => format!("; the record has {}", others.join(", ")),
        };
        let way = if self.text.is_given { "check" } else { "name it with" };
        format!("no text in {}{there} ({way} --text-field)", looked_for.join(", "))
    }
}

/// The elements of a record, in the order in which they begin.
#[derive(Default)]
struct Elements<'a> {
    known: Vec<Element<'a>>,
    /// The first few names of others.
    others: Vec<&'a str>,
}

impl<'a> Elements<'a> {
    fn other(&mut self, name: &'a str) {
        if self.others.len() < TAGS_SHOWN_MAX && !self.others.contains(&name) {
            self.others.push(name);
        }
    }
}

struct Element<'a> {
    name: &'a str,
    /// Tags included.
    whole: Range<usize>,
    content: Range<usize>,
}

/// What is inside a record.
struct Body<'a> {
    attributes: &'a str,
    text: &'a str,
}

fn body(record: &str) -> Result<Body<'_>, String> {
    let record = record.trim();
    let Some(Piece::Tag(begin)) = pieces(record).next() else {
        return Err("the <DOC> tag is broken".to_owned());
    };
    let end = record.rfind('<').filter(|&end| {
        let name = record.get(end..end + 5).unwrap_or_default();
        end >= begin.end && name.eq_ignore_ascii_case("</doc")
    });
    match end {
        _ if begin.is_empty => Ok(Body { attributes: begin.attributes, text: "" }),
        Some(end) => Ok(Body { attributes: begin.attributes, text: &record[begin.end..end] }),
        None => Err(
            "the <DOC> does not end: there is no </DOC> before the next one, or before the end \
             of the file"
                .to_owned(),
        ),
    }
}

/// The tag that is all of a line of vertical text.
fn structure(line: &str) -> Option<Tag<'_>> {
    match pieces(line).next() {
        Some(Piece::Tag(tag)) if line.starts_with('<') && tag.end == line.len() => Some(tag),
        _ => None,
    }
}

impl Told<'_> {
    fn record(self, text: String) -> Record<'static> {
        let id = self.id.map(|best| best.value.trim().to_owned());
        let from_id = id.as_deref().and_then(agency_and_day);
        let date = match self.date.map(|best| dates::parse(&best.value)) {
            Some(date @ Date::At(_)) => date,
            unclear => {
                from_id.as_ref().map(|&(_, day)| Date::At(day)).or(unclear).unwrap_or(Date::Absent)
            }
        };
        let source = match self.source {
            Some(best) => Some(best.value.trim().to_owned()),
            None => from_id.map(|(agency, _)| agency.to_owned()),
        };
        let line = |best: Best<'_>| best.value.split_whitespace().collect::<Vec<_>>().join(" ");
        Record {
            text: Cow::Owned(text),
            id: id.map(Cow::Owned),
            source: source.map(Cow::Owned),
            title: self.title.map(line).map(Cow::Owned),
            date,
        }
    }
}

/// Agency and day in an id of the Gigaword corpora and their kin:
/// `AFP_ARB_19940513.0001`, `APW19980601.0001`.
fn agency_and_day(id: &str) -> Option<(&str, Timestamp)> {
    let digits = id.find(|c: char| c.is_ascii_digit())?;
    let agency = id[..digits].trim_end_matches(['_', '-']);
    let is_agency = |c: char| c.is_ascii_uppercase() || c == '_' || c == '-';
    let day = id.get(digits..digits + 8)?;
    let ends = !id[digits + 8..].starts_with(|c: char| c.is_ascii_digit());
    if agency.is_empty() || !agency.chars().all(is_agency) || !ends {
        return None;
    }
    match dates::parse(day) {
        Date::At(day) => Some((agency, day)),
        Date::Absent | Date::Unreadable => None,
    }
}
