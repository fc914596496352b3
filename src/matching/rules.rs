//! The thresholds, and what they mean for a pair.

use crate::recipe::{Recipe, Relation};

use super::similarity::Similarity;

/// Takes rounding off a product of a threshold and a size, so that a bound
/// that must not be too high never is: sizes are below 2^32, so 1e-6 is far
/// above any rounding error and far below one shingle.
const ROUNDING: f64 = 1e-6;

/// Versions of one report are mostly this alike or more. Boilerplate is told
/// from a report that many papers printed by what stands around it, so with a
/// higher value re-edited reports would be taken for boilerplate.
const VERSION_JACCARD: f64 = 0.5;

/// Which similarity makes which relation, and which relations are dropped.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    near: f64,
    contained: f64,
    variant: f64,
    variant_contained: f64,
    variant_unshared_max: u32,
    drops: [bool; Relation::ALL.len()],
}

/// The least similarity that a search must not miss: a pair counts if either
/// figure is reached. `None` where nothing is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floors {
    /// Jaccard similarity.
    pub jaccard: Option<f64>,
    /// Containment of one text in the other.
    pub containment: Option<f64>,
}

impl Rules {
    /// The rules of a recipe.
    pub fn new(recipe: &Recipe) -> Self {
        Self {
            near: recipe.jaccard,
            contained: recipe.containment,
            variant: recipe.variant_jaccard,
            variant_contained: recipe.variant_containment,
            variant_unshared_max: recipe.variant_unshared_max.unwrap_or(u32::MAX),
            drops: Relation::ALL.map(|relation| recipe.drop.contains(&relation)),
        }
    }

    /// The closest relation of a pair, where a text of `size` shingles is the
    /// one that may be contained in the other.
    fn closest(&self, similarity: &Similarity, size: u32) -> Option<Relation> {
        let jaccard = similarity.jaccard();
        let containment = f64::from(similarity.shared) / f64::from(size);
        let little_lost = size - similarity.shared <= self.variant_unshared_max;
        if jaccard >= self.near {
            Some(Relation::Near)
        } else if containment >= self.contained {
            Some(Relation::Contained)
        } else if jaccard >= self.variant || (containment >= self.variant_contained && little_lost)
        {
            Some(Relation::Variant)
        } else {
            None
        }
    }

    /// The relation for which the left text is dropped in favour of the right
    /// one. Only its own containment counts: a text is never dropped because
    /// it contains its keeper, for what it has beyond the keeper would be lost.
    ///
    /// Of equal sets one is always dropped, as [`Relation::Near`] if the texts
    /// are not the same: nothing is lost with it.
    pub fn drop(&self, similarity: &Similarity) -> Option<Relation> {
        if similarity.left == similarity.shared && similarity.right == similarity.shared {
            return Some(Relation::Near);
        }
        self.closest(similarity, similarity.left).filter(|relation| self.drops[*relation as usize])
    }

    /// The relation of two texts that both stay.
    pub fn relation(&self, similarity: &Similarity) -> Option<Relation> {
        self.closest(similarity, similarity.left.min(similarity.right))
    }

    /// What a search for copies to drop must find.
    pub fn drop_floors(&self) -> Floors {
        let drops = |relation: Relation| self.drops[relation as usize];
        let least = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, none) => one.or(none),
        };
        let variant = drops(Relation::Variant);
        let jaccard =
            least(drops(Relation::Near).then_some(self.near), variant.then_some(self.variant));
        let containment = least(
            drops(Relation::Contained).then_some(self.contained),
            variant.then_some(self.variant_contained),
        );
        // Equal sets are found whatever is dropped.
        let equal = containment.is_none().then_some(1.0);
        Floors { jaccard: jaccard.or(equal), containment }
    }

    /// The largest share of its shingles that one of two versions of a text
    /// has to itself: `(1 - t) / (1 + t)` if they are of one length and have
    /// Jaccard similarity `t`, which is 0.5 or the lowest at
    /// which a text is dropped.
    pub fn own_share(&self) -> f64 {
        let t = self.drop_floors().jaccard.unwrap_or(1.0).min(VERSION_JACCARD);
        (1.0 - t) / (1.0 + t)
    }

    /// What a search for related texts must find.
    pub fn related_floors(&self) -> Floors {
        Floors {
            jaccard: Some(self.variant.min(self.near)),
            containment: Some(self.variant_contained.min(self.contained)),
        }
    }
}

impl Floors {
    /// The fewest shared shingles with which sets of these sizes can count;
    /// `contained` tells whose containment is asked for.
    pub fn shared_min(&self, left: u32, right: u32, contained: Contained) -> u32 {
        let both = f64::from(left) + f64::from(right);
        let by_jaccard = self.jaccard.map(|t| whole(t / (1.0 + t) * both));
        let container = match contained {
            Contained::Left => left,
            Contained::Shorter => left.min(right),
        };
        let by_containment = self.containment.map(|c| whole(c * f64::from(container)));
        match (by_jaccard, by_containment) {
            (Some(a), Some(b)) => a.min(b),
            (one, other) => one.or(other).unwrap_or(u32::MAX),
        }
    }
}

/// Whose containment counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contained {
    /// The left text's in the right one.
    Left,
    /// That of the smaller one in the larger.
    Shorter,
}

/// The least whole number that is not below `x`, rounding errors apart; at
/// least 1.
pub(super) fn whole(x: f64) -> u32 {
    ((x - ROUNDING).ceil() as u32).max(1)
}

/// How many of a set's `size` shingles, rarest first, must be looked at so
/// that no set sharing `share` of them is missed: if fewer than that many are
/// missing, one of the first `size - share * size + 1` is there (Chaudhuri,
/// Ganti, Kaushik, *A primitive operator for similarity joins in data
/// cleaning*, ICDE 2006; Bayardo, Ma, Srikant, *Scaling up all pairs
/// similarity search*, WWW 2007).
pub fn prefix_len(size: usize, share: f64) -> usize {
    if size == 0 { 0 } else { size - (whole(share * size as f64) as usize).min(size) + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(shared: u32, left: u32, right: u32) -> Similarity {
        Similarity { shared, left, right }
    }

    #[test]
    fn the_closest_relation_is_named() {
        let rules = Rules::new(&Recipe::default());
        #[track_caller]
        fn check(rules: &Rules, shared: u32, left: u32, right: u32, expected: Option<Relation>) {
            let got = rules.relation(&similarity(shared, left, right));
            assert_eq!(got, expected, "{shared} shared of {left} and {right}");
        }
        check(&rules, 100, 100, 100, Some(Relation::Near));
        check(&rules, 70, 85, 85, Some(Relation::Near));
        check(&rules, 90, 100, 1000, Some(Relation::Contained));
        check(&rules, 90, 1000, 100, Some(Relation::Contained));
        check(&rules, 60, 100, 100, Some(Relation::Variant));
        check(&rules, 50, 100, 1000, Some(Relation::Variant));
        check(&rules, 49, 100, 1000, None);
    }

    #[test]
    fn a_text_is_never_dropped_for_containing_its_keeper() {
        let rules = Rules::new(&Recipe::default());
        assert_eq!(rules.drop(&similarity(95, 100, 1000)), Some(Relation::Contained));
        assert_eq!(rules.drop(&similarity(95, 1000, 100)), None);
    }

    #[test]
    fn of_equal_sets_one_is_dropped_whatever_the_list_says() {
        let drop = vec![Relation::Identical, Relation::Same];
        let none = Rules::new(&Recipe { drop, ..Recipe::default() });
        assert_eq!(none.drop(&similarity(100, 100, 100)), Some(Relation::Near));
        assert_eq!(none.drop(&similarity(99, 100, 100)), None);
        assert_eq!(none.drop_floors(), Floors { jaccard: Some(1.0), containment: None });
        let drop = vec![Relation::Contained];
        let contained = Rules::new(&Recipe { drop, ..Recipe::default() });
        assert_eq!(contained.drop(&similarity(100, 100, 100)), Some(Relation::Near));
    }

    #[test]
    fn bounds_admit_every_pair_that_reaches_a_threshold() {
        for threshold in [0.4, 0.5, 0.7, 0.8, 0.9, 1.0] {
            let floors = Floors { jaccard: Some(threshold), containment: None };
            for left in 1..40u32 {
                for right in 1..40u32 {
                    for shared in 1..=left.min(right) {
                        if similarity(shared, left, right).jaccard() >= threshold {
                            let least = floors.shared_min(left, right, Contained::Left);
                            assert!(
                                shared >= least,
                                "{shared} of {left}, {right} at {threshold}: bound {least}"
                            );
                            let missing = (left - shared) as usize;
                            assert!(missing < prefix_len(left as usize, threshold));
                        }
                    }
                }
            }
        }
    }
}
