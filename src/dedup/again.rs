//! A run decided again: other keepers, a higher threshold, nothing compared.
//!
//! ```text
//! Document -reread-> Reread -take-> Again -finish-> Outcome
//!                           Pairs ----^
//! ```
//!
//! What the documents say of themselves (source, date, length) is read again,
//! what comparing them brought to light is in [`Pairs`]. Each text in keep
//! order goes to the best keeper it has a pair with, or stays: the plain loop
//! that `matching` is the fast twin of. So the outcome is the one that a run
//! with the new recipe would have over the same documents.

use crate::document::Document;
use crate::matching::cluster::better;
use crate::matching::{Link, Related, RelatedPairs, Rules, Similarity};
use crate::recipe::Recipe;
use crate::{Error, Result};

use super::article::{Article, Ids, Sources};
use super::classes::{Members, Ranked};
use super::masked::Boilerplate;
use super::order::KeepOrder;
use super::outcome::{Run, assemble};
use super::pairs::{Pairs, checksum};
use super::templates::Templates;
use super::{Found, Measures, Outcome};

/// A document of an earlier run, without its text.
pub struct Reread {
    article: Article,
    source: Option<String>,
    id: Option<Box<str>>,
}

/// Takes from a document what its text need not be folded for.
pub fn reread(document: Document<'_>) -> Reread {
    let article = Article::unfolded(&document);
    Reread {
        article,
        source: document.source.map(|source| source.into_owned()),
        id: document.id.map(|id| id.into_owned().into_boxed_str()),
    }
}

/// A run about to be decided again.
pub struct Again {
    recipe: Recipe,
    pairs: Pairs,
    articles: Vec<Article>,
    sources: Sources,
    ids: Ids,
}

impl Again {
    /// Another decision about the documents of an earlier run.
    ///
    /// # Errors
    /// [`Error::Usage`] if the recipe asks for pairs that the run did not look
    /// for: with a lower threshold, or compared in another way.
    ///
    /// # Panics
    /// If the pairs do not pass [`Pairs::check`].
    pub fn new(pairs: Pairs, recipe: Recipe) -> Result<Self> {
        assert_eq!(pairs.check(), Ok(()), "pairs are checked where they are read");
        recipe.check()?;
        check_reach(&pairs.recipe, &recipe)?;
        Ok(Self {
            recipe,
            pairs,
            articles: Vec::new(),
            sources: Sources::default(),
            ids: Ids::default(),
        })
    }

    /// Takes the next document of the input.
    pub fn take(&mut self, Reread { mut article, source, id }: Reread) {
        article.id = self.ids.add(id);
        article.source = source.map(|name| self.sources.number(name));
        self.articles.push(article);
    }

    /// Decides.
    ///
    /// # Errors
    /// [`Error::OutcomeChanged`] if these are not the documents whose pairs
    /// are known.
    pub fn finish(self) -> Result<Outcome> {
        let Self { recipe, pairs, mut articles, sources, ids } = self;
        if articles.len() != pairs.documents as usize || checksum(&articles) != pairs.records {
            return Err(Error::OutcomeChanged {
                file: "kept/ and removed/".to_owned(),
                cause: "not the articles that were compared".to_owned(),
            });
        }
        for &document in &pairs.wordless {
            articles[document as usize].wordless = true;
        }
        for text in &pairs.texts {
            for &document in &text.documents {
                let article = &mut articles[document as usize];
                article.same_hash = text.same_hash;
                article.words = text.words;
                article.numbers = text.numbers.as_slice().into();
            }
        }
        let sources = sources.into_names();
        let order = KeepOrder::new(&recipe.keep, &articles, &sources);
        let mut members = Members { starts: vec![0], documents: Vec::new() };
        for text in &pairs.texts {
            members.documents.extend_from_slice(&text.documents);
            members.starts.push(members.documents.len() as u32);
        }
        let (classes, texts) = Ranked::new(members, &order);
        let known = Known::new(&pairs, &texts);
        let filter = classes.pairs(&recipe, &articles);
        let counts = |a, b| filter.count(a, b);
        let rules = Rules::new(&recipe);
        let templates = Templates::new(&recipe, &classes, &articles);

        let mut links = known.links(&rules);
        let similarity = |text, other| Ok(known.similarity(text, other));
        let released = templates.release(&mut links, &similarity, &rules, &counts)?;
        let related = known.related(&links, &rules);
        let related = RelatedPairs {
            pairs: templates.settle(&mut links, related, released, &rules),
            lists_cut: pairs.related_lists_cut,
        };
        let found =
            Found { links, related, engine: pairs.engine, banding: pairs.banding, pairs: None };
        let measures = Measures {
            shingles: &|class| known.shingles(class),
            plain: &|_, class, other| Ok(known.plain(class, other)),
        };
        let boilerplate = Boilerplate::again(&pairs);
        let run = Run { recipe, articles, sources, repeated_ids: ids.repeated };
        let mut outcome = assemble(run, &classes, measures, &counts, found, boilerplate)?;
        outcome.pairs = Some(pairs);
        Ok(outcome)
    }
}

/// Refuses a recipe that asks for pairs that were not looked for under the
/// earlier one.
fn check_reach(earlier: &Recipe, recipe: &Recipe) -> Result<()> {
    let usage = |words: String| Err(Error::Usage(words));
    let decided = Recipe {
        keep: earlier.keep.clone(),
        jaccard: earlier.jaccard,
        containment: earlier.containment,
        variant_jaccard: earlier.variant_jaccard,
        variant_containment: earlier.variant_containment,
        variant_unshared_max: earlier.variant_unshared_max,
        template_numbers: earlier.template_numbers,
        template_words: earlier.template_words,
        drop: earlier.drop.clone(),
        ..recipe.clone()
    };
    if decided != *earlier {
        return usage(
            "only the keep policy, the thresholds and which relations are dropped can be decided \
             again; for anything else run `twicetold dedup` over the input"
                .to_owned(),
        );
    }
    let [before, now] = [earlier, recipe].map(Rules::new);
    let floors = [
        ("relations that are dropped", before.drop_floors(), now.drop_floors()),
        ("relations that are reported", before.related_floors(), now.related_floors()),
    ];
    for (of, before, now) in floors {
        let figures = [
            ("Jaccard similarity", before.jaccard, now.jaccard),
            ("containment", before.containment, now.containment),
        ];
        for (figure, before, now) in figures {
            let Some(now) = now else { continue };
            if before.is_some_and(|before| before <= now) {
                continue;
            }
            let from = match before {
                Some(before) => format!("looked at pairs from a {figure} of {before} up"),
                None => format!("did not look at pairs for their {figure}"),
            };
            return usage(format!(
                "for the {of} the run {from}, {now} is asked for; run `twicetold dedup --pairs` \
                 over the input with these options"
            ));
        }
    }
    if recipe.mask.is_some() && before.own_share() != now.own_share() {
        return usage(
            "what is boilerplate was told under a Jaccard threshold below 0.5; for another one \
             run `twicetold dedup --pairs` over the input, or use --no-mask there"
                .to_owned(),
        );
    }
    Ok(())
}

/// The pairs by rank: texts in keep order.
struct Known {
    /// For each text how many of its shingles were compared, and how many it
    /// has.
    sizes: Vec<(u32, u32)>,
    /// The text, one that is preferred, the shingles they share, and those of
    /// all they share; ascending.
    pairs: Vec<(u32, u32, u32, u32)>,
}

impl Known {
    /// `texts` are the positions of the texts, in keep order.
    fn new(pairs: &Pairs, texts: &[u32]) -> Self {
        let mut rank_of = vec![0; texts.len()];
        for (rank, text) in (0u32..).zip(texts) {
            rank_of[*text as usize] = rank;
        }
        let size = |text: &u32| {
            let text = &pairs.texts[*text as usize];
            (text.shingles, text.plain_shingles)
        };
        let ranked = |pair: &super::pairs::Pair| {
            let [x, y] = [pair.a, pair.b].map(|text| rank_of[text as usize]);
            (x.max(y), x.min(y), pair.shared, pair.plain_shared)
        };
        let mut ranked: Vec<_> = pairs.pairs.iter().map(ranked).collect();
        ranked.sort_unstable();
        Self { sizes: texts.iter().map(size).collect(), pairs: ranked }
    }

    fn shingles(&self, text: u32) -> u32 {
        self.sizes[text as usize].0
    }

    /// What two different texts share, in either order.
    fn shared(&self, a: u32, b: u32) -> Option<(u32, u32)> {
        let key = (a.max(b), a.min(b));
        let found = self.pairs.binary_search_by_key(&key, |pair| (pair.0, pair.1)).ok()?;
        let (_, _, shared, plain_shared) = self.pairs[found];
        Some((shared, plain_shared))
    }

    /// The similarity of two different texts, if they are a pair.
    fn similarity(&self, text: u32, other: u32) -> Option<Similarity> {
        let (shared, _) = self.shared(text, other)?;
        Some(Similarity { shared, left: self.shingles(text), right: self.shingles(other) })
    }

    /// The similarity with all that was masked.
    fn plain(&self, text: u32, other: u32) -> Similarity {
        let [left, right] = [text, other].map(|text| self.sizes[text as usize].1);
        let shared = match text == other {
            true => left,
            false => self.shared(text, other).map_or(0, |(_, plain_shared)| plain_shared),
        };
        Similarity { shared, left, right }
    }

    /// Each pair with its similarity, the text that is less preferred first.
    fn pairs(&self) -> impl Iterator<Item = (u32, u32, Similarity)> + '_ {
        self.pairs.iter().map(|&(text, other, shared, _)| {
            let (left, right) = (self.shingles(text), self.shingles(other));
            (text, other, Similarity { shared, left, right })
        })
    }

    /// Each text in turn is linked to the keeper it matches best, or stays.
    fn links(&self, rules: &Rules) -> Vec<Option<Link>> {
        let mut links: Vec<Option<Link>> = vec![None; self.sizes.len()];
        // Pairs come by text, and all before a text is decided by then.
        for (text, keeper, similarity) in self.pairs() {
            if links[keeper as usize].is_none()
                && let Some(relation) = rules.drop(&similarity)
            {
                let link = Some(Link { keeper, relation, similarity });
                links[text as usize] = better(links[text as usize], link);
            }
        }
        links
    }

    /// The related pairs among those that stay, ascending.
    fn related(&self, links: &[Option<Link>], rules: &Rules) -> Vec<Related> {
        let stays = |text: u32| links[text as usize].is_none();
        self.pairs()
            .filter(|(text, other, _)| stays(*text) && stays(*other))
            .filter_map(|(text, other, similarity)| {
                let relation = rules.relation(&similarity)?;
                Some(Related { text, other, relation, similarity })
            })
            .collect()
    }
}
