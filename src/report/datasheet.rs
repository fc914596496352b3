//! A section for the data card of a corpus, in Markdown: what was compared and
//! how, what was removed or found, how to undo it, how to cite.
//!
//! The sections follow the questions of *Datasheets for Datasets* (Gebru et
//! al., Communications of the ACM 64, 2021) on preprocessing and cleaning.
//! Whatever comes from the corpus is escaped: it can neither format the page
//! nor put HTML into it, wherever the page is shown.

use std::cmp::Reverse;
use std::fmt::Write;

use crate::dedup::{Counts, Outcome, Tally};
use crate::recipe::{Engine, Keep, Recipe, Relation, Sources};
use crate::visible;

use super::families::{FamilyRow, FamilyTables};
use super::passages_summary::PassagesSummary;
use super::summary::{BadSummary, InputSummary, Summary};
use super::tables::{ClusterRow, Tables};
use super::words::{grouped, percent, plural, size};

/// How many clusters or families are listed.
const LARGEST_SHOWN: usize = 10;

/// How many sources are listed, those that lose most first.
const SOURCES_SHOWN_MAX: usize = 50;

/// How many months are listed: ten years.
const MONTHS_SHOWN_MAX: usize = 120;

/// How many characters of a text are quoted.
const QUOTE_CHARS: usize = 200;

/// How many characters of an id, a source's or a file's name are shown.
const NAME_CHARS_MAX: usize = 100;

/// The section for a run of `twicetold dedup`.
pub fn articles_datasheet(summary: &Summary, outcome: &Outcome, tables: &Tables<'_>) -> String {
    let mut page = Page::default();
    page.line("## Near-duplicate articles");
    page.line("");
    let verb = if summary.annotated { "marked" } else { "removed" };
    page.line(&format!(
        "Of {} ({}), {} ({}) were {verb} as copies of others; {} ({}) {}.",
        plural(summary.input.documents, "article"),
        size(summary.input.bytes),
        grouped(summary.removed.documents),
        share(summary.removed.documents, summary.input.documents),
        grouped(summary.kept.documents),
        size(summary.kept.bytes),
        if summary.annotated { "are not" } else { "stay" },
    ));
    page.heading("What was compared, and how");
    page.input(&summary.input);
    page.recipe(&summary.recipe, summary.engine);
    page.made_by(summary.version, &summary.fingerprint.to_string());

    page.heading(&format!("What was {verb}"));
    page.tally(
        "relation to the article that stays",
        Relation::ALL.iter().filter_map(|relation| {
            let counts = summary.removed_by_relation.get(relation.name())?;
            Some((meaning(*relation, &summary.recipe), *counts))
        }),
    );
    let mut sources: Vec<(&String, &Tally)> = summary.by_source.iter().collect();
    sources.sort_by_key(|(name, tally)| (Reverse(tally.removed.documents), *name));
    page.tallies("source", &sources, SOURCES_SHOWN_MAX);
    let months: Vec<(&String, &Tally)> = summary.by_month.iter().collect();
    page.tallies("month", &months, MONTHS_SHOWN_MAX);

    page.heading("The largest clusters");
    page.clusters(outcome, tables);
    page.heading("How to undo it");
    if summary.annotated {
        page.line("Nothing was removed: every record says whether it is a copy, and of which.");
    } else {
        page.line(
            "`twicetold restore OUTCOME --out DIR` puts the removed records back where they \
             were; `removed.jsonl` names each of them, and the one that stays instead.",
        );
    }
    page.errors(&summary.bad_records);
    page.citation(summary.version);
    page.text
}

/// The section for a run of `twicetold passages`.
pub fn passages_datasheet(summary: &PassagesSummary, tables: &FamilyTables<'_>) -> String {
    let mut page = Page::default();
    page.line("## Repeated passages");
    page.line("");
    page.line(&format!(
        "{} compared: {}, told {} times in {}, {} of the words that were looked at.",
        plural(summary.input.documents, "article"),
        plural(summary.families as u64, "repeated passage"),
        grouped(summary.occurrences),
        plural(summary.documents_with_passages, "article"),
        share(summary.tokens_repeated, summary.tokens),
    ));
    page.heading("What was compared, and how");
    page.input(&summary.input);
    let recipe = &summary.recipe;
    page.line(&format!(
        "* Passages agree in {} or more, though edited in between; words are compared without \
         diacritics, letter variants, punctuation and case.",
        plural(u64::from(recipe.passages.min_words), "word")
    ));
    page.line(&match recipe.include_copies {
        true => "* Copies of whole articles were looked at like any other article.".to_owned(),
        false => format!(
            "* Copies of whole articles count once: {} of them were not looked at.",
            grouped(summary.copies_left_out)
        ),
    });
    if summary.families_left_out > 0 {
        page.line(&format!(
            "* {} more were left out by the filters: fewer than {} or {}{}.",
            grouped(summary.families_left_out as u64),
            plural(u64::from(recipe.min_documents), "article"),
            plural(u64::from(recipe.min_sources), "source"),
            match recipe.sources {
                Sources::Any => "",
                Sources::Within => ", or more than one source",
                Sources::Across => ", or only one source",
            },
        ));
    }
    page.made_by(summary.version, &summary.fingerprint.to_string());
    page.heading("The largest families");
    page.families(tables);
    page.errors(&summary.bad_records);
    page.citation(summary.version);
    page.text
}

/// What a relation means under a recipe.
fn meaning(relation: Relation, recipe: &Recipe) -> String {
    match relation {
        Relation::Identical => "identical: equal byte for byte".to_owned(),
        Relation::Same => "same: equal after folding".to_owned(),
        Relation::Near => format!("near: Jaccard similarity of at least {}", recipe.jaccard),
        Relation::Contained => {
            format!("contained: at least {} of it is in the other", recipe.containment)
        }
        Relation::Variant => format!(
            "variant: Jaccard similarity of at least {}, or {} of it in the other",
            recipe.variant_jaccard, recipe.variant_containment
        ),
        Relation::Template => "template: alike, but with other numbers".to_owned(),
    }
}

fn share(part: u64, whole: u64) -> String {
    percent(part as f64 / whole.max(1) as f64)
}

/// Text of a corpus in one line of Markdown, its own direction kept.
fn escaped(text: &str, chars_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::from("<bdi>");
    let mut before = ' ';
    for c in visible::excerpt(&line, chars_max).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // What means something within a line (CommonMark 0.31, section 6, and
            // the tables, footnotes and links of GitHub's).
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '{' | '}' | '|' | '~' | '!' | '#'
            | '$' | '^' | ':' | '@' => out.extend(['\\', c]),
            '.' if before.eq_ignore_ascii_case(&'w') => out.push_str("\\."),
            c => out.push(c),
        }
        before = c;
    }
    out.push_str("</bdi>");
    out
}

/// A page being written.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a String takes every write");
    }

    fn heading(&mut self, heading: &str) {
        self.line(&format!("\n### {heading}\n"));
    }

    fn input(&mut self, input: &InputSummary) {
        self.line(&format!(
            "* {}, {} unpacked; `summary.json` has their checksums.",
            plural(input.files.len() as u64, "file"),
            size(input.unpacked_bytes)
        ));
    }

    fn recipe(&mut self, recipe: &Recipe, engine: Engine) {
        self.line(&format!(
            "* Texts were compared by their runs of {}, without diacritics, letter variants, \
             punctuation and case; texts under {} match only what is the same.",
            plural(u64::from(recipe.shingle_words), "word"),
            plural(u64::from(recipe.min_words), "word"),
        ));
        self.line(&match engine {
            Engine::Minhash => format!(
                "* Candidates were found by MinHash: of the `near` pairs at the threshold, {}.",
                percent(recipe.recall)
            ),
            _ => "* Every pair was found (exact join), and every similarity is exact.".to_owned(),
        });
        let stays = match &recipe.keep {
            Keep::First => "the one that comes first in the input".to_owned(),
            Keep::Longest => "the longest".to_owned(),
            Keep::Earliest => "the one with the earliest date".to_owned(),
            Keep::Latest => "the one with the latest date".to_owned(),
            Keep::Source(names) => {
                let names: Vec<String> =
                    names.iter().map(|name| escaped(name, NAME_CHARS_MAX)).collect();
                format!("the one of the first of these sources: {}", names.join(", "))
            }
        };
        self.line(&format!("* Of copies, {stays} stays."));
        match recipe.sources {
            Sources::Any => {}
            Sources::Within => self.line("* Only articles of the same source were compared."),
            Sources::Across => self.line("* Only articles of different sources were compared."),
        }
        if let Some(seconds) = recipe.window_seconds {
            let hours = seconds as f64 / 3600.0;
            self.line(&format!("* Only articles at most {hours} hours apart were compared."));
        }
    }

    fn made_by(&mut self, version: &str, fingerprint: &str) {
        self.line(&format!(
            "* twicetold {version}, recipe `{fingerprint}`; every value is in `summary.json`, and \
             `--recipe summary.json` repeats the run."
        ));
    }

    fn tally(&mut self, what: &str, rows: impl Iterator<Item = (String, Counts)>) {
        self.line(&format!("| {what} | articles | bytes |\n|---|--:|--:|"));
        for (name, counts) in rows {
            self.line(&format!(
                "| {name} | {} | {} |",
                grouped(counts.documents),
                size(counts.bytes)
            ));
        }
        self.line("");
    }

    fn tallies(&mut self, what: &str, rows: &[(&String, &Tally)], shown_max: usize) {
        self.line(&format!("| {what} | kept | removed | share |\n|---|--:|--:|--:|"));
        for (name, Tally { kept, removed }) in rows.iter().take(shown_max) {
            self.line(&format!(
                "| {} | {} | {} | {} |",
                escaped(name, NAME_CHARS_MAX),
                grouped(kept.documents),
                grouped(removed.documents),
                share(removed.documents, kept.documents + removed.documents)
            ));
        }
        self.line("");
        if let Some(more @ 1..) = rows.len().checked_sub(shown_max) {
            let more = grouped(more as u64);
            self.line(&format!("And {more} more, all in `summary.json`.\n"));
        }
    }

    fn clusters(&mut self, outcome: &Outcome, tables: &Tables<'_>) {
        let mut largest: Vec<ClusterRow<'_>> = tables.clusters().collect();
        if largest.is_empty() {
            self.line("There is none.");
            return;
        }
        largest.sort_by_key(|row| (Reverse(row.size), row.cluster));
        self.line("| cluster | articles | sources | article that stays | lowest Jaccard |");
        self.line("|--:|--:|--:|---|--:|");
        for row in largest.iter().take(LARGEST_SHOWN) {
            self.line(&format!(
                "| {} | {} | {} | {} | {:.3} |",
                row.cluster,
                grouped(row.size as u64),
                grouped(row.sources.len() as u64),
                escaped(&row.keeper, NAME_CHARS_MAX),
                row.lowest_jaccard
            ));
        }
        let clusters = outcome.clusters.len() as u64;
        self.line(&format!("\nAll {} are in `clusters.jsonl`.", plural(clusters, "cluster")));
    }

    fn families(&mut self, tables: &FamilyTables<'_>) {
        let largest: Vec<FamilyRow<'_>> = tables.families().take(LARGEST_SHOWN).collect();
        if largest.is_empty() {
            self.line("There is none.");
            return;
        }
        self.line("| family | articles | sources | words | usually | text |");
        self.line("|--:|--:|--:|--:|---|---|");
        for row in &largest {
            let stands = serde_json::to_value(row.stands).expect("a word");
            self.line(&format!(
                "| {} | {} | {} | {} | {} | {} |",
                row.family,
                grouped(u64::from(row.documents)),
                grouped(row.sources.len() as u64),
                grouped(row.words),
                stands.as_str().unwrap_or_default(),
                escaped(row.text, QUOTE_CHARS)
            ));
        }
        self.line("\nAll of them are in `families.jsonl`.");
    }

    fn errors(&mut self, bad: &BadSummary) {
        self.heading("Errors met");
        if bad.count == 0 {
            self.line("None: every record could be read.");
            return;
        }
        self.line(&format!(
            "{} could not be used and are in `bad/`; `bad.jsonl` has each with its cause. The \
             first:\n",
            plural(bad.count, "record")
        ));
        for bad in &bad.first {
            self.line(&format!("* {}", escaped(bad, QUOTE_CHARS)));
        }
    }

    fn citation(&mut self, version: &str) {
        self.heading("How to cite");
        self.line(&format!(
            "Name the program with its version and the recipe: *twicetold {version}: \
             near-duplicate articles and repeated passages in news corpora*, with the recipe's \
             fingerprint above."
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_text_only() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(escaped(text, 20), format!("<bdi>{expected}</bdi>"), "for {text:?}");
        }
        check("خبر عاجل", "خبر عاجل");
        check("<script>", "&lt;script&gt;");
        check("a | b\n# c", "a \\| b \\# c");
        check("http://a www.b", "http\\://a www\\.b");
        check("2026-03, e.g.", "2026-03, e.g.");
        check("[x](y) `z` *w*", "\\[x\\]\\(y\\) \\`z\\` \\*w\\*");
        check("&amp;", "&amp;amp;");
        check("\u{202E}", "\\\\u\\{202e\\}");
        check("one two three four five", "one two three four f…");
    }
}
