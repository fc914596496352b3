//! One JSON array of records: cut into its elements, and written again.
//!
//! Only brackets, strings and commas are looked at here; whether an element
//! is sound JSON is for the parser to say. Between two elements stands a
//! separator: white space, a comma, white space.

use memchr::memchr2;

use crate::io::elements::{Border, Borders, Held, Malformed};
use crate::io::encoding::Encoding;

/// Finds the elements of an array.
#[derive(Debug)]
pub(crate) struct ArrayBorders {
    encoding: Encoding,
    /// Everything before this was looked at.
    at: u64,
    /// Where the white space began that is being looked at.
    gap_from: u64,
    /// The longest separator: it is held in memory when it is written again.
    gap_bytes_max: u64,
    state: State,
    /// How many brackets are open inside the element.
    depth: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the opening bracket.
    Start,
    /// An element comes, or, right behind the opening bracket, the end.
    Value { may_end: bool },
    /// In an element, outside its strings.
    Inside,
    /// In a string.
    String { escaped: bool },
    /// In a number or word that is an element by itself.
    Word,
    /// A comma comes, or the end.
    Behind,
    /// Behind the closing bracket.
    Done,
}

impl ArrayBorders {
    /// For an array that begins at `at`.
    pub(crate) fn new(at: u64, encoding: Encoding, gap_bytes_max: u64) -> Self {
        Self { encoding, at, gap_from: at, gap_bytes_max, state: State::Start, depth: 0 }
    }

    fn malformed<T>(&self, cause: impl Into<String>) -> Result<T, Malformed> {
        Err(Malformed { at: self.at, cause: format!("broken JSON array: {}", cause.into()) })
    }

    /// Passes over a string's plain bytes at once where a byte is a character
    /// or part of one.
    fn skip_plain(&mut self, bytes: &[u8]) {
        if self.encoding.unit_bytes() == 1 {
            self.at += memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len()) as u64;
        }
    }

    /// Looks at one character; `None` if it is no border.
    fn step(&mut self, c: u8) -> Result<Option<Border>, Malformed> {
        let unit = self.encoding.unit_bytes() as u64;
        let is_white = matches!(c, b' ' | b'\t' | b'\n' | b'\r');
        let is_between =
            matches!(self.state, State::Start | State::Value { .. } | State::Behind | State::Done);
        if is_white && is_between {
            self.at += unit;
            if self.at - self.gap_from > self.gap_bytes_max {
                let max = self.gap_bytes_max;
                return self.malformed(format!(
                    "more than {max} bytes of white space; allow more with --max-record"
                ));
            }
            return Ok(None);
        }
        let border = match (self.state, c) {
            (State::Start, b'[') => {
                self.state = State::Value { may_end: true };
                None
            }
            (State::Start, _) => return self.malformed("it does not begin with ["),
            (State::Value { may_end: true } | State::Behind, b']') => {
                self.state = State::Done;
                None
            }
            (State::Value { .. }, b',' | b':' | b']' | b'}') => {
                let c = char::from(c);
                return self.malformed(format!("an object is expected where `{c}` stands"));
            }
            (State::Value { .. }, c) => {
                (self.state, self.depth) = match c {
                    b'{' | b'[' => (State::Inside, 1),
                    b'"' => (State::String { escaped: false }, 0),
                    _ => (State::Word, 0),
                };
                Some(Border::Begin(self.at))
            }
            (State::Inside, b'"') => {
                self.state = State::String { escaped: false };
                None
            }
            (State::Inside, b'{' | b'[') => {
                self.depth += 1;
                None
            }
            (State::Inside, b'}' | b']') => {
                self.depth -= 1;
                (self.depth == 0).then(|| self.ended(unit))
            }
            (State::String { escaped: false }, b'"') if self.depth == 0 => Some(self.ended(unit)),
            (State::String { escaped: false }, b'"') => {
                self.state = State::Inside;
                None
            }
            (State::String { escaped }, c) => {
                self.state = State::String { escaped: !escaped && c == b'\\' };
                None
            }
            (State::Word, b',' | b']') => return Ok(Some(self.ended(0))),
            (State::Word, _) if is_white => return Ok(Some(self.ended(0))),
            (State::Inside | State::Word, _) => None,
            (State::Behind, b',') => {
                self.state = State::Value { may_end: false };
                None
            }
            (State::Behind, _) => return self.malformed("a comma or ] is expected"),
            (State::Done, _) => return self.malformed("something stands behind its end"),
        };
        self.at += unit;
        Ok(border)
    }

    /// The element ends `bytes` behind the character being looked at.
    fn ended(&mut self, bytes: u64) -> Border {
        self.state = State::Behind;
        self.gap_from = self.at + bytes;
        Border::End(self.gap_from)
    }
}

impl Borders for ArrayBorders {
    fn next(&mut self, held: Held<'_>) -> Result<Option<Border>, Malformed> {
        if !self.encoding.is_json_safe() {
            let name = self.encoding.name().to_lowercase();
            return self.malformed(format!(
                "in {name} it cannot be cut safely; convert the file first: iconv -f {name} -t \
                 utf-8 FILE"
            ));
        }
        loop {
            if self.state == (State::String { escaped: false }) {
                self.skip_plain(held.after(self.at));
            }
            match self.encoding.first_unit(held.after(self.at)) {
                Some(c) => {
                    if let Some(border) = self.step(c)? {
                        return Ok(Some(border));
                    }
                }
                None if !held.is_last => return Ok(None),
                None => {
                    let is_whole = matches!(self.state, State::Start | State::Done);
                    self.at = held.end();
                    return if is_whole {
                        Ok(None)
                    } else {
                        self.malformed("it ends before its ]")
                    };
                }
            }
        }
    }

    fn needs(&self) -> u64 {
        self.at
    }
}

/// What is written between the elements of an array's parts, so that each
/// part is an array again.
///
/// An element is written with the separator before it. A part that does not
/// begin with the array's first element has no use for the comma of its first
/// separator; the white space of that stands behind its opening bracket and
/// before its ending. So the parts together still hold every byte of the
/// array: the element's places are all that is needed to put it together.
#[derive(Debug)]
pub(crate) struct Separators {
    encoding: Encoding,
    /// What stands before the array's first element.
    opening: Option<Vec<u8>>,
    /// What stands before the next element.
    gap: Vec<u8>,
    /// By part: the white space that waits for its ending.
    begun: Vec<(&'static str, Vec<u8>)>,
}

impl Separators {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { encoding, opening: None, gap: Vec::new(), begun: Vec::new() }
    }

    /// To be filled with what stands before the next element.
    pub(crate) fn next_gap(&mut self) -> &mut Vec<u8> {
        self.gap.clear();
        &mut self.gap
    }

    /// What is to be written before that element, in one of the parts.
    pub(crate) fn before(&mut self, part: &'static str) -> Vec<u8> {
        let is_begun = self.begun.iter().any(|(begun, _)| *begun == part);
        let Some(opening) = &self.opening else {
            self.opening = Some(self.gap.clone());
            self.begun.push((part, Vec::new()));
            return self.gap.clone();
        };
        if is_begun {
            return self.gap.clone();
        }
        let end_of = |sign: u8, bytes: &[u8]| {
            let sign = self.encoding.encode_ascii(char::from(sign).encode_utf8(&mut [0]));
            let unit = self.encoding.unit_bytes();
            bytes
                .chunks(unit)
                .position(|found| found == sign)
                .map(|at| (at * unit, (at + 1) * unit))
        };
        let (before, behind) = match end_of(b',', &self.gap) {
            Some((start, end)) => (self.gap[..start].to_vec(), &self.gap[end..]),
            // Only if the file was changed, which is found out in the end.
            None => (Vec::new(), &self.gap[..]),
        };
        let bracket = end_of(b'[', opening).map_or(opening.len(), |(_, end)| end);
        let lead = [&opening[..bracket], behind].concat();
        self.begun.push((part, before));
        lead
    }

    /// What ends a part, once the gap is what stands behind the array's last
    /// element: nothing if the array could not be read to its end.
    pub(crate) fn after(&self, part: &'static str) -> Vec<u8> {
        let rest = &self.gap;
        let begun = self.begun.iter().find(|(begun, _)| *begun == part);
        let (opening, waiting) = match (begun, &self.opening) {
            (Some((_, waiting)), _) => (&[][..], &waiting[..]),
            (None, opening) => (opening.as_deref().unwrap_or_default(), &[][..]),
        };
        if rest.is_empty() && self.opening.is_some() {
            return [opening, waiting, &self.encoding.encode_ascii("\n]\n")].concat();
        }
        [opening, waiting, &rest[..]].concat()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The elements of an array, handed over some bytes at a time.
    fn cut(bytes: &[u8], encoding: Encoding, chunk: usize) -> Result<Vec<(u64, u64)>, Malformed> {
        let mut borders = ArrayBorders::new(0, encoding, 1 << 20);
        let (mut elements, mut begin, mut seen) = (Vec::new(), 0, 0);
        loop {
            let is_last = seen >= bytes.len();
            let needs = borders.needs();
            let held = &bytes[needs as usize..seen.min(bytes.len())];
            match borders.next(Held { bytes: held, from: needs, is_last })? {
                Some(Border::Begin(at)) => begin = at,
                Some(Border::End(at)) => elements.push((begin, at)),
                None if is_last => return Ok(elements),
                None => seen += chunk,
            }
        }
    }

    #[test]
    fn elements_are_found_whatever_is_inside_them() {
        #[track_caller]
        fn check(json: &str, expected: &[&str]) {
            for chunk in [1, 7, 1000] {
                let found = cut(json.as_bytes(), Encoding::UTF_8, chunk).expect("an array");
                let found: Vec<_> =
                    found.iter().map(|&(a, b)| &json[a as usize..b as usize]).collect();
                assert_eq!(found, expected, "{json:?}, {chunk} bytes at a time");
            }
            let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let found = cut(&wide, Encoding::UTF_16LE, 5).expect("an array");
            let found: Vec<_> = found
                .iter()
                .map(|&(a, b)| Encoding::UTF_16LE.decode(&wide[a as usize..b as usize]).unwrap())
                .collect();
            assert_eq!(found, expected, "{json:?} in UTF-16");
        }
        check("[]", &[]);
        check(" [ \n ]\n", &[]);
        check("", &[]);
        check(r#"[{"a":1},{"b":[{}]}]"#, &[r#"{"a":1}"#, r#"{"b":[{}]}"#]);
        check(
            "\n[\n  {\"a\": \"]},{\\\"[\\\\\"} ,\n  {\"ب\": \"،\u{4E2D}\u{1F600}\"}\n]\n",
            &["{\"a\": \"]},{\\\"[\\\\\"}", "{\"ب\": \"،\u{4E2D}\u{1F600}\"}"],
        );
        check(r#"[1 , "a]\"", null,[[]],-1.5e3]"#, &["1", r#""a]\"""#, "null", "[[]]", "-1.5e3"]);
    }

    #[test]
    fn what_is_broken_is_told_with_its_place() {
        #[track_caller]
        fn check(json: &str, at: u64, cause: &str) {
            for chunk in [1, 3, 1000] {
                let broken = cut(json.as_bytes(), Encoding::UTF_8, chunk).unwrap_err();
                assert_eq!(broken.at, at, "for {json:?}");
                assert!(broken.cause.contains(cause), "{json:?}: {}", broken.cause);
            }
        }
        check("{}", 0, "does not begin with [");
        check("[", 1, "ends before its ]");
        check("[{\"a\":\"", 7, "ends before its ]");
        check("[1", 2, "ends before its ]");
        check("[{},]", 4, "an object is expected");
        check("[,{}]", 1, "an object is expected");
        check("[{} {}]", 4, "a comma or ] is expected");
        check("[{}]]", 4, "behind its end");
        check("[{}]\n[{}]", 5, "behind its end");
        let spaces = format!("[{{}},{}{{}}]", " ".repeat(2 << 20));
        check(&spaces, 3 + (1 << 20) + 1, "--max-record");
        let gbk = Encoding::parse("gbk").unwrap();
        assert!(cut(b"[]", gbk, 9).unwrap_err().cause.contains("iconv -f gbk"));
    }

    /// Sends elements to parts, and puts the array together again from the
    /// parts and the elements' places alone.
    #[track_caller]
    fn check_parts(json: &str, parts_of: &[usize]) {
        const PARTS: [&str; 3] = ["kept", "removed", "bad"];
        let places = cut(json.as_bytes(), Encoding::UTF_8, 64).expect("an array");
        let mut separators = Separators::new(Encoding::UTF_8);
        let mut parts = [const { Vec::new() }; 3];
        let mut end = 0;
        for (&(start, to), &part) in places.iter().zip(parts_of) {
            separators.next_gap().extend(&json.as_bytes()[end..start as usize]);
            parts[part].extend(separators.before(PARTS[part]));
            parts[part].extend(&json.as_bytes()[start as usize..to as usize]);
            end = to as usize;
        }
        separators.next_gap().extend(&json.as_bytes()[end..]);
        for (part, bytes) in parts.iter_mut().enumerate() {
            if part == 0 || !bytes.is_empty() {
                bytes.extend(separators.after(PARTS[part]));
            }
        }
        let cuts: Vec<_> = parts
            .iter()
            .map(|part| cut(part, Encoding::UTF_8, 64).expect("every part is an array"))
            .collect();
        let mut used = [0; 3];
        let mut whole: Vec<u8> = Vec::new();
        let rest = &json.as_bytes()[end..];
        for (index, &part) in parts_of[..places.len()].iter().enumerate() {
            let (bytes, cut) = (&parts[part], &cuts[part]);
            let before = if used[part] == 0 { 0 } else { cut[used[part] - 1].1 as usize };
            let (start, to) = (cut[used[part]].0 as usize, cut[used[part]].1 as usize);
            let lead = &bytes[before..start];
            if used[part] > 0 || index == 0 {
                whole.extend(lead);
            } else {
                let last = cut.last().expect("it has one").1 as usize;
                let ending = &bytes[last..];
                whole.extend(&ending[..ending.len() - rest.len()]);
                whole.push(b',');
                let bracket = lead.iter().position(|&byte| byte == b'[').expect("an opening");
                whole.extend(&lead[bracket + 1..]);
            }
            whole.extend(&bytes[start..to]);
            used[part] += 1;
        }
        whole.extend(rest);
        if places.is_empty() {
            whole = parts[0].clone();
        }
        assert_eq!(String::from_utf8_lossy(&whole), json);
        for (part, cut) in cuts.iter().enumerate() {
            assert_eq!(cut.len(), used[part], "part {part} has its elements and no others");
        }
    }

    proptest! {
        #[test]
        fn parts_are_arrays_and_together_the_whole(
            gaps in proptest::collection::vec(("[ \n]{0,3}", "[ \r\n]{0,3}"), 1..12),
            parts in proptest::collection::vec(0_usize..3, 12),
        ) {
            let mut json = format!("{}[{}", gaps[0].0, gaps[0].1);
            for (index, (before, behind)) in gaps[1..].iter().enumerate() {
                let comma = if index == 0 { String::new() } else { format!("{before},{behind}") };
                json += &format!("{comma}{{\"n\":{index}}}");
            }
            json += &format!("{}]{}", gaps[0].1, gaps[0].0);
            check_parts(&json, &parts);
            check_parts(&json, &[0; 12]);
        }

        #[test]
        fn any_bytes_are_cut_alike_whatever_the_chunks(
            json in "[\\[\\]{}\",: \\\\1a\n]{0,40}", chunk in 1_usize..9,
        ) {
            let json = format!("[{json}");
            let whole = cut(json.as_bytes(), Encoding::UTF_8, 1000);
            prop_assert_eq!(&cut(json.as_bytes(), Encoding::UTF_8, chunk), &whole);
            if let Ok(elements) = whole {
                prop_assert!(elements.is_sorted() && elements.iter().all(|(a, b)| a < b));
            }
        }
    }
}
