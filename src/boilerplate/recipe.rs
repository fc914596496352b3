//! Every parameter that changes which families are found and shown.

use serde::{Deserialize, Serialize};

use crate::hash::Hash128;
use crate::passages::PassageRecipe;
use crate::recipe::{Recipe, Sources};
use crate::{Error, Result};

/// Every parameter that changes the result of `passages`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoilerplateRecipe {
    /// How repeated passages are found.
    pub passages: PassageRecipe,
    /// Which whole articles are copies of one another.
    pub copies: Recipe,
    /// Whether copies are looked at like any other document; else a group of
    /// copies counts as the one that is kept.
    pub include_copies: bool,
    /// Families in fewer documents are left out.
    pub min_documents: u32,
    /// Families of fewer sources are left out; a document that does not name
    /// its source adds none.
    pub min_sources: u32,
    /// `Within`: families all of whose documents are of one source. `Across`:
    /// families of two sources or more.
    pub sources: Sources,
}

impl Default for BoilerplateRecipe {
    fn default() -> Self {
        Self {
            passages: PassageRecipe::default(),
            copies: Recipe::default(),
            include_copies: false,
            min_documents: 1,
            min_sources: 0,
            sources: Sources::Any,
        }
    }
}

impl BoilerplateRecipe {
    /// Refuses values that make no sense together.
    ///
    /// # Errors
    /// [`Error::Usage`], with what to change.
    pub fn check(&self) -> Result<()> {
        self.copies.check()?;
        let PassageRecipe { seed_words, min_words, .. } = self.passages;
        if min_words < seed_words {
            return Err(Error::Usage(format!(
                "min-words is {min_words}; a passage is found by runs of {seed_words} words, so \
                 it must be at least {seed_words}"
            )));
        }
        Ok(())
    }

    /// A hash of every parameter: two runs with one fingerprint over the same
    /// documents have the same families.
    pub fn fingerprint(&self) -> Hash128 {
        let canonical = serde_json::to_vec(self).expect("a recipe holds numbers, words and lists");
        Hash128::of(&canonical)
    }
}
