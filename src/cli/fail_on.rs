//! `--fail-on`: whether a run found too many copies.

/// From how many copies on a run fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FailOn {
    /// So many articles.
    Articles(u64),
    /// Such a share of all articles, in percent.
    Percent(f64),
}

impl FailOn {
    /// Reads `3` or `0.5%`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no number of articles and no share, such as 1 or 0.5%");
        let found = match text.strip_suffix('%') {
            None => text.parse().map(Self::Articles).map_err(|_| wrong())?,
            Some(share) => share.trim_end().parse().map(Self::Percent).map_err(|_| wrong())?,
        };
        match found {
            Self::Articles(0) => Err("a run always has 0 copies; ask for 1 or more".to_owned()),
            Self::Percent(share) if !(share > 0.0 && share <= 100.0) => {
                Err(format!("`{text}`: a share is above 0 % and at most 100 %"))
            }
            found => Ok(found),
        }
    }

    /// Whether so many copies among all articles are too many.
    pub(crate) fn is_reached(self, copies: u64, articles: u64) -> bool {
        match self {
            Self::Articles(limit) => copies >= limit,
            Self::Percent(share) => copies > 0 && 100.0 * copies as f64 >= share * articles as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_a_share() {
        #[track_caller]
        fn check(text: &str, expected: Option<FailOn>) {
            assert_eq!(FailOn::parse(text).ok(), expected, "{text}");
        }
        check("1", Some(FailOn::Articles(1)));
        check("2.5%", Some(FailOn::Percent(2.5)));
        check("100 %", Some(FailOn::Percent(100.0)));
        for wrong in ["", "0", "0%", "101%", "-1", "half", "NaN%", "1.5"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_limit_is_reached_at_its_value() {
        #[track_caller]
        fn check(limit: &str, copies: u64, articles: u64, expected: bool) {
            let found = FailOn::parse(limit).expect("a limit").is_reached(copies, articles);
            assert_eq!(found, expected, "{limit} of {copies} in {articles}");
        }
        check("2", 1, 10, false);
        check("2", 2, 10, true);
        check("10%", 1, 11, false);
        check("10%", 1, 10, true);
        check("10%", 0, 0, false);
    }
}
