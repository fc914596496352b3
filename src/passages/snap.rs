//! Moves the ends of a stretch to where a sentence or paragraph begins or ends,
//! if that is near.

use std::ops::Range;

use super::token_text::{Border, TokenTexts};
use crate::text::WORD_WEIGHT;

/// The stretch `places` of one document with each end at the nearest paragraph
/// border within `words` words, else at the nearest sentence border, else where
/// it was; inwards half as far, for what is cut off there agrees. Of two at one
/// distance the outer one is taken. A stretch that would vanish stays as it was.
pub(super) fn snap(texts: &TokenTexts, places: Range<u32>, words: u32) -> Range<u32> {
    let doc = texts.places(texts.doc_of(places.start));
    let reach = words * u32::from(WORD_WEIGHT);
    let (start_before, start_after) = around(texts, places.start, &doc, reach, reach / 2);
    let (end_before, end_after) = around(texts, places.end, &doc, reach / 2, reach);
    let start = nearest(start_before, start_after).unwrap_or(places.start);
    let end = nearest(end_after, end_before).unwrap_or(places.end);
    if start < end { start..end } else { places }
}

/// A border near a place.
#[derive(Clone, Copy)]
struct Near {
    border: Border,
    place: u32,
    /// The weight of the tokens between.
    distance: u32,
}

/// The nearest border of the highest kind at or before a place, and the one at
/// or after it.
fn around(
    texts: &TokenTexts,
    at: u32,
    doc: &Range<u32>,
    reach_before: u32,
    reach_after: u32,
) -> (Option<Near>, Option<Near>) {
    let border = |place| {
        if place == doc.end { Border::Paragraph } else { texts.border_before(place) }
    };
    let best = |reach: u32, step: &dyn Fn(u32) -> Option<(u32, u32)>| {
        let mut best: Option<Near> = None;
        let (mut place, mut distance) = (at, 0);
        loop {
            let border = border(place);
            if border > best.map_or(Border::None, |near| near.border) {
                best = Some(Near { border, place, distance });
            }
            let Some((next, weight)) = step(place) else { return best };
            (place, distance) = (next, distance + weight);
            if border == Border::Paragraph || distance > reach {
                return best;
            }
        }
    };
    let before = best(reach_before, &|place| {
        (place > doc.start).then(|| (place - 1, texts.weight(place - 1)))
    });
    let after =
        best(reach_after, &|place| (place < doc.end).then(|| (place + 1, texts.weight(place))));
    (before, after)
}

/// The better of two borders: the higher, else the nearer, else the outer one.
fn nearest(outer: Option<Near>, inner: Option<Near>) -> Option<u32> {
    let (Some(outer_near), Some(inner_near)) = (outer, inner) else {
        return outer.or(inner).map(|near| near.place);
    };
    let inner_is_better = inner_near.border > outer_near.border
        || inner_near.border == outer_near.border && inner_near.distance < outer_near.distance;
    Some(if inner_is_better { inner_near.place } else { outer_near.place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocId;
    use crate::text::Tokens;

    /// The stretch between `[` and `]` goes to that between `<` and `>`.
    #[track_caller]
    fn check(marked: &str) {
        let text: String = marked.chars().filter(|c| !"[]<>".contains(*c)).collect();
        let mut tokens = Tokens::new();
        tokens.read(&text);
        let mut corpus = TokenTexts::new();
        corpus.push(&text, &tokens).expect("a small corpus");
        let first = corpus.places(DocId(0)).start;
        let words_before = |mark: char| {
            let before = &marked[..marked.find(mark).expect("all four marks")];
            first
                + before.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).count()
                    as u32
        };
        let found = snap(&corpus, words_before('[')..words_before(']'), 4);
        assert_eq!(found, words_before('<')..words_before('>'), "{marked:?}");
    }

    #[test]
    fn ends_go_to_the_next_border() {
        check("<[one two three]>");
        check("<one two [three four five] six seven>");
        check("a b c d e. <three [four five six] seven.> i j k l m");
        check("a b c d e. <three four five six [seven eight nine] ten.> i j k l m");
        check("a b c d e. one two three four five <[six seven eight]> nine ten one two three. m");
        check("a b c d e f g <[seven eight nine]> h i j k l m");
    }

    #[test]
    fn inwards_they_go_half_as_far() {
        check("a b c d e f [g. <seven eight nine ten.> h] i j k l m n o");
        check("a b c d e f <[g h i. seven eight nine ten. h j k]> i j k l m n o");
    }

    #[test]
    fn a_paragraph_counts_more_than_a_sentence() {
        check("a b c d e f\n<one. two [three four five six] seven. eight>\ng h i j");
    }

    #[test]
    fn what_would_vanish_stays() {
        check("a b c d e f <[g.]> h i j k l");
    }
}
