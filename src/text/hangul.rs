//! Hangul syllables and the letters they are made of: arithmetic instead of
//! a table (The Unicode Standard, section 3.12).

/// Vowels that may follow an initial consonant.
pub(super) const VOWELS: (char, char) = ('\u{1161}', '\u{1175}');
/// Final consonants that may follow a vowel.
pub(super) const FINALS: (char, char) = ('\u{11A8}', '\u{11C2}');

const SYLLABLE_BASE: u32 = 0xAC00;
const INITIAL_BASE: u32 = 0x1100;
const VOWEL_BASE: u32 = 0x1161;
/// One before the first final: a syllable without a final has number 0.
const FINAL_BASE: u32 = 0x11A7;
const INITIALS: u32 = 19;
const VOWEL_COUNT: u32 = 21;
const FINAL_COUNT: u32 = 28;
const SYLLABLES: u32 = INITIALS * VOWEL_COUNT * FINAL_COUNT;

/// The syllable of an initial and a vowel, or of an open syllable and a final.
pub(super) fn compose(a: char, b: char) -> Option<char> {
    let initial = (a as u32).wrapping_sub(INITIAL_BASE);
    let vowel = (b as u32).wrapping_sub(VOWEL_BASE);
    if initial < INITIALS && vowel < VOWEL_COUNT {
        return char::from_u32(SYLLABLE_BASE + (initial * VOWEL_COUNT + vowel) * FINAL_COUNT);
    }
    let syllable = (a as u32).wrapping_sub(SYLLABLE_BASE);
    let is_open = syllable < SYLLABLES && syllable.is_multiple_of(FINAL_COUNT);
    if is_open && (FINALS.0..=FINALS.1).contains(&b) {
        return char::from_u32(a as u32 + (b as u32 - FINAL_BASE));
    }
    None
}

/// The two parts that compose to this syllable.
pub(super) fn decompose(c: char) -> Option<(char, char)> {
    let syllable = (c as u32).wrapping_sub(SYLLABLE_BASE);
    if syllable >= SYLLABLES {
        return None;
    }
    let (open, last) = (syllable / FINAL_COUNT, syllable % FINAL_COUNT);
    let (first, second) = if last > 0 {
        (SYLLABLE_BASE + open * FINAL_COUNT, FINAL_BASE + last)
    } else {
        (INITIAL_BASE + open / VOWEL_COUNT, VOWEL_BASE + open % VOWEL_COUNT)
    };
    Some((char::from_u32(first)?, char::from_u32(second)?))
}
