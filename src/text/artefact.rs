//! Writes the table down: what [`rule`] says of every code point, and the
//! marks and compositions that can follow from it.
//!
//! After a deliberate change of the rules, raise [`NORM_VERSION`] and run
//!
//! ```text
//! cargo test --lib regenerate -- --ignored
//! ```
//!
//! then pin the new checksum where the failing test says so.

use std::fmt::Write;

use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

use super::NORM_VERSION;
use super::reference::{AM, Rule, compose_kept, rule, unspaced_weight};

const HEADER: &str = "\
# What becomes of each code point before texts are compared (Unicode 16).
# Written by src/text/artefact.rs from the rules in src/text/reference.rs.
#
# code points <tab> what happens <tab> with what
#   word              part of a word, as it is
#   single <weight>   a token of its own, as it is; a word weighs 20
#   map <code points> becomes these; 0020 ends a word
#   delete            leaves no trace
#   ccc <class>       its canonical combining class, where that is not 0
#   compose <code point>   the two become this one
# All other code points end a word. Hangul composes by its arithmetic.
";

/// The whole file.
pub(super) fn artefact() -> String {
    let mut out = format!("# N2, version {NORM_VERSION}\n{HEADER}");
    let mut kept: Vec<char> = Vec::new();

    let lines = (char::MIN..=char::MAX).filter_map(|c| {
        let what = match rule(c) {
            Rule::Break => return None,
            Rule::Delete => "delete".to_string(),
            Rule::Text(text) if text == c.to_string() => {
                kept.push(c);
                match unspaced_weight(c) {
                    Some(weight) => format!("single\t{weight}"),
                    None => "word".to_string(),
                }
            }
            Rule::Text(text) => {
                let text: Vec<String> = text.chars().map(|c| format!("{:04X}", c as u32)).collect();
                format!("map\t{}", text.join(" "))
            }
        };
        Some((c, what))
    });
    write_ranges(&mut out, lines);

    let classes = kept.iter().filter_map(|&c| match canonical_combining_class(c) {
        0 => None,
        class => Some((c, format!("ccc\t{class}"))),
    });
    write_ranges(&mut out, classes);

    for &c in &kept {
        let Some((a, b)) = pair(c) else { continue };
        writeln!(out, "{:04X} {:04X}\tcompose\t{:04X}", a as u32, b as u32, c as u32)
            .expect("a string takes all that is written to it");
    }
    out
}

/// The two characters that compose to this one, if there are any; Hangul
/// syllables are left to arithmetic.
fn pair(c: char) -> Option<(char, char)> {
    if let Some(am) = AM.iter().find(|am| am.2 == c) {
        return Some((am.0, am.1));
    }
    if ('가'..='힣').contains(&c) {
        return None;
    }
    let mut parts = Vec::new();
    decompose_canonical(c, |c| parts.push(c));
    let last = parts.pop()?;
    let first = parts.into_iter().map(Some).reduce(|a, b| compose_kept(a?, b?))??;
    (compose_kept(first, last) == Some(c)).then_some((first, last))
}

/// One line for each unbroken row of code points with the same fate.
fn write_ranges(out: &mut String, lines: impl Iterator<Item = (char, String)>) {
    let mut rows: Vec<(char, char, String)> = Vec::new();
    for (c, what) in lines {
        match rows.last_mut() {
            Some((_, last, same)) if *same == what && *last as u32 + 1 == c as u32 => *last = c,
            _ => rows.push((c, c, what)),
        }
    }
    for (first, last, what) in rows {
        let (first, last) = (first as u32, last as u32);
        let range = match last - first {
            0 => format!("{first:04X}"),
            _ => format!("{first:04X}..{last:04X}"),
        };
        writeln!(out, "{range}\t{what}").expect("a string takes all that is written to it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash128;
    use crate::text::table::N2;

    /// The checksum of version 1 of the table.
    const CHECKSUM: (u32, &str) = (1, "39a96e28e62498c30abe650259d3d40b");

    #[test]
    fn the_table_is_the_one_this_version_stands_for() {
        let found = (NORM_VERSION, Hash128::of(N2.as_bytes()).to_string());
        assert_eq!(
            (found.0, found.1.as_str()),
            CHECKSUM,
            "src/text/n2.tsv has changed: fingerprints of stored results no longer hold. If that \
             is meant, raise NORM_VERSION and pin the new checksum here"
        );
    }

    #[test]
    fn the_table_says_what_the_rules_say() {
        let (table, rules) = (N2, artefact());
        for (line, (table, rules)) in (1..).zip(table.lines().zip(rules.lines())) {
            assert_eq!(table, rules, "src/text/n2.tsv:{line} (left) is not what the rules say");
        }
        assert_eq!(table.lines().count(), rules.lines().count(), "lines of src/text/n2.tsv");
    }

    #[test]
    #[ignore = "writes src/text/n2.tsv"]
    fn regenerate() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/text/n2.tsv");
        std::fs::write(path, artefact()).expect("cannot write src/text/n2.tsv");
    }
}
