//! The paragraphs that come back: who an organisation is, who holds the
//! rights, where to subscribe. They are edited as they are in newsrooms: a
//! number in words or digits, a word left out, vowel signs.

use super::language::Script;
use super::random::Random;

/// Different boilerplate paragraphs of a language.
const KINDS: usize = 60;
/// Probabilities of the edits.
const DIGITS: f64 = 0.35;
const WORD_LEFT_OUT: f64 = 0.25;
const VOWEL_SIGNS: f64 = 0.25;
/// Share of the letters that get a vowel sign where there are some.
pub(crate) const SIGNED_LETTERS: f64 = 0.25;

/// A paragraph as it was printed.
pub(crate) struct Boilerplate {
    /// The language and the number of the paragraph.
    pub name: String,
    /// What was edited: `d` digits, `w` a word left out, `m` vowel signs; `-`.
    pub edits: String,
    pub text: String,
}

/// Draws a paragraph; the first ones are the most frequent.
pub(crate) fn draw(script: Script, random: &mut Random) -> Boilerplate {
    let number = random.power_law(1, KINDS, 1.0 + f64::EPSILON.sqrt()) - 1;
    edited(script, number, random)
}

/// One paragraph as some newsroom prints it.
pub(crate) fn edited(script: Script, number: usize, random: &mut Random) -> Boilerplate {
    let (prefix, templates, names, cities, numbers) = match script {
        Script::Arabic => ("ar", ARABIC, NAMES_ARABIC, CITIES_ARABIC, NUMBERS_ARABIC),
        Script::English => ("en", ENGLISH, NAMES_ENGLISH, CITIES_ENGLISH, NUMBERS_ENGLISH),
    };
    // What the paragraph is depends on its number alone.
    let mut fixed = Random::of(number as u64, 1, script as u64);
    let template = templates[number % templates.len()];
    let name = names[number / templates.len() % names.len()];
    let (members, in_words) = *fixed.one_of(numbers);
    let city = *fixed.one_of(cities);
    let year = fixed.between(1921, 2015);
    let mut edits = String::new();
    let mut members_written = in_words.to_owned();
    if random.chance(DIGITS) {
        members_written = members.to_string();
        edits.push('d');
    }
    let mut text = template
        .replace("{name}", name)
        .replace("{city}", city)
        .replace("{members}", &members_written)
        .replace("{year}", &year.to_string());
    if random.chance(WORD_LEFT_OUT) {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.remove(random.below(words.len()));
        text = words.join(" ");
        edits.push('w');
    }
    if script == Script::Arabic && random.chance(VOWEL_SIGNS) {
        text = vowelled(&text, SIGNED_LETTERS, random);
        edits.push('m');
    }
    if edits.is_empty() {
        edits.push('-');
    }
    Boilerplate { name: format!("{prefix}{number}"), edits, text }
}

/// The text with vowel signs on some of its Arabic letters.
pub(crate) fn vowelled(text: &str, share: f64, random: &mut Random) -> String {
    /// Fathatan to sukun.
    const SIGNS: &[char] =
        &['\u{64B}', '\u{64C}', '\u{64D}', '\u{64E}', '\u{64F}', '\u{650}', '\u{651}', '\u{652}'];
    let mut signed = String::with_capacity(text.len() * 5 / 4);
    for c in text.chars() {
        signed.push(c);
        if ('\u{621}'..='\u{64A}').contains(&c) && random.chance(share) {
            signed.push(*random.one_of(SIGNS));
        }
    }
    signed
}

const ENGLISH: &[&str] = &[
    "About the {name}: set up in {year} with headquarters in {city}, the {name} brings together \
     {members} member states that share what they know, coordinate their policies and publish \
     common statistics every spring. Its work is paid for by the members alone, and its meetings \
     are open to the press.",
    "The {name} was founded in {year} as a body independent of any government. Its {members} \
     members come from industry, universities and local councils. More about its programmes can \
     be learnt from its press office in {city}, which answers letters within a week.",
    "All rights reserved. Nothing on this page may be copied, stored or passed on in any form, \
     in whole or in part, unless the {name} has given its consent in writing beforehand.",
    "To receive the {members} most read reports of the week by mail every Friday, sign up with \
     the newsletter of the {name}; it is free of charge and can be cancelled at any time.",
    "Reporting from {city}; additional reporting by the regional offices of the {name}; edited by \
     the night desk. Corrections are published on page {members}.",
];

const ARABIC: &[&str] = &[
    "نبذة عن {name}: أنشئ {name} عام {year} ومقره في {city}، ويجمع {members} دولة عضوا تتقاسم \
     معارفها وتنسق سياساتها وتنشر إحصاءات مشتركة كل ربيع، وتموّل أعماله الدول الأعضاء وحدها، \
     واجتماعاته مفتوحة أمام الصحافة.",
    "تأسس {name} سنة {year} هيئة مستقلة عن كل الحكومات، وينتمي أعضاؤه البالغ عددهم {members} إلى \
     الصناعة والجامعات والمجالس المحلية، ويمكن معرفة المزيد عن برامجه من مكتبه الصحفي في {city} \
     الذي يجيب عن الرسائل في غضون أسبوع.",
    "جميع الحقوق محفوظة، ولا يسمح بنسخ أي شيء من هذه الصفحة أو حفظه أو نقله كليا أو جزئيا بأي شكل \
     كان ما لم يوافق {name} على ذلك كتابة من قبل.",
    "لكي تصلكم التقارير الأكثر قراءة في الأسبوع وعددها {members} كل يوم جمعة اشتركوا في النشرة \
     البريدية التي يصدرها {name}، وهي مجانية ويمكن إلغاؤها في كل وقت.",
    "كتب التقرير مراسلنا في {city} وساهمت فيه المكاتب الجهوية التابعة إلى {name}، وراجعه قسم \
     التحرير الليلي، وتنشر التصويبات في الصفحة {members}.",
];

const NAMES_ENGLISH: &[&str] = &[
    "Council of River States",
    "Union of Harbour Towns",
    "Institute for Public Figures",
    "Forum of Olive Growers",
    "League of Desert Cities",
    "Office for School Exchange",
    "Society of Bridge Builders",
    "Northern Grain Board",
    "Centre for Open Archives",
    "Alliance of Island Ports",
    "Fund for Mountain Roads",
    "Chamber of Small Printers",
];

const NAMES_ARABIC: &[&str] = &[
    "مجلس دول الأنهار",
    "اتحاد مدن المرافئ",
    "معهد الأرقام العامة",
    "منتدى مزارعي الزيتون",
    "رابطة مدن الصحراء",
    "مكتب التبادل المدرسي",
    "جمعية بناة الجسور",
    "ديوان حبوب الشمال",
    "مركز الأرشيف المفتوح",
    "تحالف موانئ الجزر",
    "صندوق طرق الجبال",
    "غرفة المطابع الصغيرة",
];

const NUMBERS_ENGLISH: &[(u32, &str)] = &[
    (9, "nine"),
    (12, "twelve"),
    (27, "twenty-seven"),
    (33, "thirty-three"),
    (41, "forty-one"),
    (54, "fifty-four"),
    (84, "eighty-four"),
];

const NUMBERS_ARABIC: &[(u32, &str)] = &[
    (9, "تسع"),
    (12, "اثنتا عشرة"),
    (27, "سبع وعشرون"),
    (33, "ثلاث وثلاثون"),
    (41, "إحدى وأربعون"),
    (54, "أربع وخمسون"),
    (84, "أربع وثمانون"),
];

/// Where reports come from, and where organisations sit.
pub(crate) const CITIES_ENGLISH: &[&str] =
    &["Geneva", "Tunis", "London", "Sydney", "Cairo", "Nairobi", "Brussels", "Amman", "Rabat"];
/// The same in Arabic.
pub(crate) const CITIES_ARABIC: &[&str] =
    &["جنيف", "تونس", "لندن", "سيدني", "القاهرة", "نيروبي", "بروكسل", "عمّان", "الرباط"];
