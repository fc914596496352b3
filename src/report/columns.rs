//! The columns of every table of an outcome: names, types, meanings.
//!
//! `docs/formats.md` is made of these definitions, and a test holds them
//! beside what the rows say of themselves.

use crate::table::{Column, Kind, Row};

use super::families::{FamilyRow, OccurrenceRow};
use super::stripped::{LeftRow, StrippedRow};
use super::tables::{BadRow, BoilerplateRow, ClusterRow, ConnectedRow, RelatedRow, RemovedRow};

use Kind::{Flag, Group, Groups, Moment, Share, Text, Texts, Whole, Wholes};

impl Row for RemovedRow<'_> {
    const TABLE: &'static str = "removed";
    const ABOUT: &'static str = "Written by `twicetold dedup`. One row for each article that was \
        dropped (with --annotate: marked as a copy), in input order.";
    const COLUMNS: &'static [Column] = &[
        Column::new("id", Text, "the article's id; file:line where its record has none"),
        Column::new("file", Text, "its file, as it is named in removed/"),
        Column::new("line", Whole, "the line of the input file its record begins on, from 1"),
        Column::new(
            "offset",
            Whole,
            "where in the unpacked input file its record begins, in bytes",
        ),
        Column::new("bytes", Whole, "the length of its record in bytes, line end included"),
        Column::new("hash", Text, "the hash of its record's bytes: 32 hexadecimal digits"),
        Column::new("keeper", Text, "the id of the article that stays instead"),
        Column::new("keeper_file", Text, "the keeper's file, as it is named in kept/"),
        Column::new("keeper_line", Whole, "the line the keeper's record begins on"),
        Column::new("keeper_hash", Text, "the hash of the keeper's record"),
        Column::new("relation", Text, "identical, same, near, contained or variant"),
        Column::new(
            "jaccard",
            Share,
            "their Jaccard similarity, exact, without masked boilerplate",
        ),
        Column::new("containment", Share, "how much of the article is in its keeper, likewise"),
        Column::new("keeper_containment", Share, "how much of the keeper is in it, likewise"),
        Column::new("plain_jaccard", Share, "the Jaccard similarity of the texts as they are"),
        Column::new(
            "plain_containment",
            Share,
            "how much of the article as it is is in its keeper",
        ),
        Column::new("plain_keeper_containment", Share, "how much of the keeper as it is is in it"),
        Column::new("cluster", Whole, "the number of their cluster, from 1"),
        Column::new("boilerplate", Wholes, "the masked boilerplate both have, by its number"),
        Column::nullable("passages", Wholes, "the families both are in; null without --passages"),
    ];
}

impl Row for ClusterRow<'_> {
    const TABLE: &'static str = "clusters";
    const ABOUT: &'static str = "Written by `twicetold dedup`. One row for each article that \
        stays for others, with those others, in input order of the keepers.";
    const COLUMNS: &'static [Column] = &[
        Column::new("cluster", Whole, "the cluster's number, from 1"),
        Column::new("keeper", Text, "the id of the article that stays"),
        Column::new("members", Texts, "the ids of all its articles, the keeper's among them"),
        Column::new("size", Whole, "how many articles these are, 2 or more"),
        Column::new("lowest_jaccard", Share, "the lowest similarity of one with the keeper"),
        Column::new("sources", Texts, "their sources, sorted, each once"),
        Column::nullable("first_date", Moment, "the earliest of their dates; null if none has one"),
        Column::nullable("last_date", Moment, "the latest of their dates; null if none has one"),
    ];
}

impl Row for RelatedRow<'_> {
    const TABLE: &'static str = "related";
    const ABOUT: &'static str = "Written by `twicetold dedup`. One row for each pair of articles \
        that both stay though they are versions of one report, in input order.";
    const COLUMNS: &'static [Column] = &[
        Column::new("id", Text, "the id of the article that comes first in the input"),
        Column::new("file", Text, "its file"),
        Column::new("line", Whole, "the line its record begins on, from 1"),
        Column::new("hash", Text, "the hash of its record"),
        Column::new("other", Text, "the id of the other article"),
        Column::new("other_file", Text, "the other's file"),
        Column::new("other_line", Whole, "the line the other's record begins on"),
        Column::new("other_hash", Text, "the hash of the other's record"),
        Column::new("relation", Text, "what they are to each other, as in removed; or template"),
        Column::new(
            "jaccard",
            Share,
            "their Jaccard similarity, exact, without masked boilerplate",
        ),
        Column::new("containment", Share, "how much of the first is in the other, likewise"),
        Column::new("other_containment", Share, "how much of the other is in the first, likewise"),
        Column::new("plain_jaccard", Share, "the Jaccard similarity of the texts as they are"),
        Column::new("plain_containment", Share, "how much of the first as it is is in the other"),
        Column::new("plain_other_containment", Share, "how much of the other as it is is in it"),
    ];
}

impl Row for ConnectedRow<'_> {
    const TABLE: &'static str = "connected";
    const ABOUT: &'static str = "Written by `twicetold dedup --pairs`. One row for each article \
        that is joined to others by a chain of pairs of which one could go for the other, in \
        input order: what programs that merge transitively call clusters. Nothing is decided by \
        it; `twicetold eval --pred` scores it.";
    const COLUMNS: &'static [Column] = &[
        Column::new("id", Text, "the article's id"),
        Column::new("file", Text, "its file"),
        Column::new("line", Whole, "the line its record begins on, from 1"),
        Column::new("hash", Text, "the hash of its record"),
        Column::new("cluster", Whole, "the number of its connected component, from 1"),
    ];
}

impl Row for BadRow<'_> {
    const TABLE: &'static str = "bad";
    const ABOUT: &'static str = "Written by every command with --on-error skip, if there is \
        something to say. One row for each record that could not be used, in input order.";
    const COLUMNS: &'static [Column] = &[
        Column::new("file", Text, "its file, as it is named in bad/"),
        Column::new("line", Whole, "the line it begins on, from 1"),
        Column::new("offset", Whole, "where in the unpacked input file it begins, in bytes"),
        Column::new("bytes", Whole, "its length in bytes; 0 if it is the file that failed there"),
        Column::new("cause", Text, "what is wrong with it"),
    ];
}

impl Row for FamilyRow<'_> {
    const TABLE: &'static str = "families";
    const ABOUT: &'static str = "Written by `twicetold passages`. One row for each repeated \
        passage, those in most articles first.";
    const COLUMNS: &'static [Column] = &[
        Column::new("family", Whole, "the family's number, from 1"),
        Column::nullable("cluster", Whole, "the cluster of the representative's article, if any"),
        Column::new("documents", Whole, "in how many articles it is told"),
        Column::new("occurrences", Whole, "how often it is told"),
        Column::new("copies", Whole, "how many more articles are whole copies of these"),
        Column::new("sources", Texts, "the sources of its articles, sorted, each once"),
        Column::nullable("first_date", Moment, "the earliest of their dates; null if none has one"),
        Column::nullable("last_date", Moment, "the latest of their dates; null if none has one"),
        Column::new("words", Whole, "the representative's length in words"),
        Column::new("text", Text, "the representative: the occurrence others were compared with"),
        Column::new("id", Text, "the id of the representative's article"),
        Column::new("file", Text, "its file"),
        Column::new("line", Whole, "the line its record begins on, from 1"),
        Column::new("start", Whole, "where it begins in the article's text, in characters, from 0"),
        Column::new("end", Whole, "where it ends: the character behind the last one"),
        Column::new("start_byte", Whole, "where it begins, in bytes of UTF-8, from 0"),
        Column::new("end_byte", Whole, "where it ends, in bytes"),
        Column::new("stands", Text, "where it usually stands: head, body, tail, or whole"),
        Column::new("standing", Group(STANDING), "in how many occurrences it stands where"),
        Column::new("lowest_identity", Share, "the lowest identity with the representative"),
        Column::new("median_identity", Share, "the median identity, the representative's left out"),
    ];
}

const STANDING: &[Column] = &[
    Column::new("head", Whole, "at most a fifth of the article's other words come before it"),
    Column::new("body", Whole, "somewhere between"),
    Column::new("tail", Whole, "at most a fifth of the other words come after it"),
    Column::new("whole", Whole, "there are no other words"),
];

impl Row for OccurrenceRow<'_> {
    const TABLE: &'static str = "occurrences";
    const ABOUT: &'static str = "Written by `twicetold passages`. One row for each place where a \
        repeated passage is told: family by family, in input order.";
    const COLUMNS: &'static [Column] = &[
        Column::new("family", Whole, "the number of its family"),
        Column::nullable("cluster", Whole, "the cluster of its article, if any"),
        Column::new("id", Text, "the article's id; file:line where its record has none"),
        Column::new("file", Text, "its file"),
        Column::new("line", Whole, "the line its record begins on, from 1"),
        Column::new("hash", Text, "the hash of its record's bytes: 32 hexadecimal digits"),
        Column::new("start", Whole, "where it begins in the article's text, in characters, from 0"),
        Column::new("end", Whole, "where it ends: the character behind the last one"),
        Column::new("start_byte", Whole, "where it begins, in bytes of UTF-8, from 0"),
        Column::new("end_byte", Whole, "where it ends, in bytes"),
        Column::new("identity", Share, "words that agree with the representative, over the longer"),
        Column::new("representative", Flag, "whether the others were compared with this one"),
        Column::new("edits", Groups(EDIT), "what differs from the representative, in order"),
        Column::new("copies", Texts, "the ids of whole copies of the article, not looked at"),
    ];
}

impl Row for BoilerplateRow<'_> {
    const TABLE: &'static str = "boilerplate";
    const ABOUT: &'static str = "Written by `twicetold dedup` if there is something to say. One row \
        for each passage that was masked before articles were compared, those in most articles \
        first.";
    const COLUMNS: &'static [Column] = &[
        Column::new("boilerplate", Whole, "the passage's number, from 1"),
        Column::new("documents", Whole, "how many articles have at least half of it"),
        Column::new("words", Whole, "the example's length in words"),
        Column::new("text", Text, "the example: the passage as one article has it"),
        Column::new("id", Text, "the id of that article"),
        Column::new("file", Text, "its file"),
        Column::new("line", Whole, "the line its record begins on, from 1"),
        Column::new("start", Whole, "where it begins in the article's text, in characters, from 0"),
        Column::new("end", Whole, "where it ends: the character behind the last one"),
        Column::new("start_byte", Whole, "where it begins, in bytes of UTF-8, from 0"),
        Column::new("end_byte", Whole, "where it ends, in bytes"),
    ];
}

impl Row for StrippedRow<'_> {
    const TABLE: &'static str = "stripped";
    const ABOUT: &'static str = "Written by `twicetold passages --strip`. One row for each stretch \
        of text that was cut out, in input order; their bytes are in removed/, one behind the \
        other.";
    const COLUMNS: &'static [Column] = &[
        Column::new("file", Text, "its file, as it is named in kept/ and removed/"),
        Column::new("line", Whole, "the line of the input file its record begins on, from 1"),
        Column::new("id", Text, "the article's id; file:line where its record has none"),
        Column::new("hash", Text, "the hash of its record's bytes as they were read"),
        Column::new("families", Wholes, "the numbers of the families it belongs to"),
        Column::new("start", Whole, "where it begins in the article's text, in characters, from 0"),
        Column::new("end", Whole, "where it ends: the character behind the last one"),
        Column::new("start_byte", Whole, "where it begins, in bytes of UTF-8, from 0"),
        Column::new("end_byte", Whole, "where it ends, in bytes"),
        Column::new("offset", Whole, "where it began in the unpacked input file, in bytes"),
        Column::new("bytes", Whole, "how many bytes of the file it is"),
    ];
}

impl Row for LeftRow<'_> {
    const TABLE: &'static str = "left";
    const ABOUT: &'static str = "Written by `twicetold passages --strip`. One row for each \
        occurrence of which nothing was cut out, in input order.";
    const COLUMNS: &'static [Column] = &[
        Column::new("family", Whole, "the number of its family"),
        Column::new("id", Text, "the article's id; file:line where its record has none"),
        Column::new("file", Text, "its file"),
        Column::new("line", Whole, "the line its record begins on, from 1"),
        Column::new("hash", Text, "the hash of its record's bytes"),
        Column::new("start", Whole, "where it begins in the article's text, in characters, from 0"),
        Column::new("end", Whole, "where it ends: the character behind the last one"),
        Column::new("start_byte", Whole, "where it begins, in bytes of UTF-8, from 0"),
        Column::new("end_byte", Whole, "where it ends, in bytes"),
        Column::new(
            "reason",
            Text,
            "why: kept, no_sentence (no whole sentence in it), or only_text",
        ),
    ];
}

const EDIT: &[Column] = &[
    Column::new("representative", Text, "words of the representative; may be empty"),
    Column::new("here", Text, "the words that stand for them here; may be empty"),
];

/// A table as its documentation needs it.
pub struct TableFacts {
    /// Its name.
    pub name: &'static str,
    /// What a row stands for.
    pub about: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

impl TableFacts {
    const fn of<R: Row>() -> Self {
        Self { name: R::TABLE, about: R::ABOUT, columns: R::COLUMNS }
    }
}

/// All tables of all outcomes.
pub const TABLES: &[TableFacts] = &[
    TableFacts::of::<RemovedRow<'static>>(),
    TableFacts::of::<ClusterRow<'static>>(),
    TableFacts::of::<RelatedRow<'static>>(),
    TableFacts::of::<ConnectedRow<'static>>(),
    TableFacts::of::<FamilyRow<'static>>(),
    TableFacts::of::<OccurrenceRow<'static>>(),
    TableFacts::of::<BoilerplateRow<'static>>(),
    TableFacts::of::<StrippedRow<'static>>(),
    TableFacts::of::<LeftRow<'static>>(),
    TableFacts::of::<BadRow<'static>>(),
];
