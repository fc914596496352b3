//! Dates as newspapers and crawlers write them.

use jiff::civil;

use crate::document::{Date, Timestamp};

/// Reads a date: ISO 8601 (a date, or a date and time after `T` or a space,
/// with or without zone and fraction), RFC 2822 (`Tue, 21 Jul 2015 10:00:00
/// +0300`), or eight digits `YYYYMMDD`. Spaces around it do not matter; blank
/// is [`Date::Absent`], everything else [`Date::Unreadable`].
///
/// A date alone is its midnight; a time without a zone is taken as UTC.
pub fn parse(text: &str) -> Date {
    let text = text.trim();
    if text.is_empty() {
        return Date::Absent;
    }
    let moment = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        compact(text)
    } else if text.starts_with(|c: char| c.is_ascii_digit()) {
        iso_8601(text).or_else(|| rfc_2822(text))
    } else {
        rfc_2822(text)
    };
    moment.map_or(Date::Unreadable, |moment| Date::At(Timestamp(moment.as_second())))
}

fn compact(digits: &str) -> Option<jiff::Timestamp> {
    let number = |range: std::ops::Range<usize>| digits[range].parse::<i16>().ok();
    let (month, day) = (number(4..6)? as i8, number(6..8)? as i8);
    midnight_utc(civil::Date::new(number(0..4)?, month, day).ok()?)
}

fn iso_8601(text: &str) -> Option<jiff::Timestamp> {
    // A moment with its zone; otherwise a clock reading, taken as UTC.
    text.parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| {
            let reading = text.parse::<civil::DateTime>().ok()?;
            jiff::tz::Offset::UTC.to_timestamp(reading).ok()
        })
        .or_else(|| midnight_utc(text.parse::<civil::Date>().ok()?))
}

fn rfc_2822(text: &str) -> Option<jiff::Timestamp> {
    static PARSER: jiff::fmt::rfc2822::DateTimeParser =
        // Papers get the weekday wrong; the date counts.
        jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text).ok()
}

fn midnight_utc(date: civil::Date) -> Option<jiff::Timestamp> {
    jiff::tz::Offset::UTC.to_timestamp(date.to_datetime(civil::Time::midnight())).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JULY_21: i64 = 1_437_436_800; // 2015-07-21T00:00:00Z

    #[test]
    fn the_usual_ways_to_write_a_date_are_read() {
        #[track_caller]
        fn check(text: &str, seconds_after_midnight: i64) {
            let expected = Date::At(Timestamp(JULY_21 + seconds_after_midnight));
            assert_eq!(parse(text), expected, "for {text:?}");
        }
        check("2015-07-21", 0);
        check(" 2015-07-21\n", 0);
        check("20150721", 0);
        check("2015-07-21T10:30:00", 37_800);
        check("2015-07-21 10:30", 37_800);
        check("2015-07-21T10:30:00Z", 37_800);
        check("2015-07-21T10:30:00.123456Z", 37_800);
        check("2015-07-21 13:30:00+03:00", 37_800);
        check("2015-07-21T13:30:00+0300", 37_800);
        check("20150721T103000Z", 37_800);
        check("Tue, 21 Jul 2015 13:30:00 +0300", 37_800);
        check("21 Jul 2015 10:30:00 GMT", 37_800);
        check("Mon, 21 Jul 2015 10:30:00 GMT", 37_800);
    }

    #[test]
    fn what_is_no_date_is_unreadable_and_nothing_is_absent() {
        #[track_caller]
        fn check(text: &str, expected: Date) {
            assert_eq!(parse(text), expected, "for {text:?}");
        }
        check("", Date::Absent);
        check(" \t", Date::Absent);
        check("yesterday", Date::Unreadable);
        check("20151321", Date::Unreadable);
        check("2015-02-30", Date::Unreadable);
        check("1437436800", Date::Unreadable);
        check("21/07/2015", Date::Unreadable);
        check("٢٠١٥-٠٧-٢١", Date::Unreadable);
        check("99999999", Date::Unreadable);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", near in "[0-9TZ:+ .,-]{0,40}") {
            parse(&text);
            parse(&near);
        }
    }
}
