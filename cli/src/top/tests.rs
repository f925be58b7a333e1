//! Order, output and the time range of `pyrite top`.

use clap::Parser as _;

use super::{Args, Report, printable, rank};
use crate::client::TimeRange;
use crate::flamebearer::{FunctionUse, FunctionUses};
use crate::profile_type::ProfileType;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn parse(line: &str) -> Result<Args, String> {
    let words = ["top"].into_iter().chain(line.split_whitespace());
    Line::try_parse_from(words).map(|line| line.args).map_err(|error| error.to_string())
}

fn function(name: &str, self_value: i64, total: i64) -> FunctionUse {
    FunctionUse { name: name.to_owned(), self_value, total }
}

fn names(functions: &[FunctionUse]) -> Vec<&str> {
    functions.iter().map(|function| function.name.as_str()).collect()
}

#[test]
fn ties_are_broken_by_the_other_value_and_the_name() {
    let mut functions = vec![function("c", 1, 5), function("b", 1, 9), function("a", 1, 5), function("d", 3, 3)];
    rank(&mut functions, false);
    assert_eq!(names(&functions), ["d", "b", "a", "c"]);
    rank(&mut functions, true);
    assert_eq!(names(&functions), ["b", "a", "c", "d"]);
}

#[test]
fn the_table_shows_shares_values_and_names() {
    let profile_type = ProfileType::parse("cpu").expect("a type");
    let uses = FunctionUses {
        total: 8_050_000_000,
        functions: vec![function("java/lang/String.format", 2_580_000_000, 8_050_000_000)],
    };
    let range = TimeRange { from_ms: 1_795_368_194_000, until_ms: 1_795_368_226_000 };
    let report = Report { service: "bank", profile_type: &profile_type, range, uses: &uses };
    assert_eq!(
        report.text(false),
        "bank: 8.05 s of CPU time, 2026-11-22T17:23:14Z to 2026-11-22T17:23:46Z\n\n\
         \x20SELF%    SELF   TOTAL%  FUNCTION\n\
         32.0 %  2.58 s  100.0 %  java.lang.String.format\n"
    );
    assert!(
        report
            .text(true)
            .contains(" TOTAL%   TOTAL   SELF%  FUNCTION\n100.0 %  8.05 s  32.0 %  java.lang.String.format\n")
    );
}

#[test]
fn json_has_raw_numbers_and_names() {
    let profile_type = ProfileType::parse("alloc").expect("a type");
    let uses = FunctionUses { total: 400, functions: vec![function("java/lang/String.format", 100, 400)] };
    let report = Report {
        service: "bank",
        profile_type: &profile_type,
        range: TimeRange { from_ms: 1, until_ms: 2 },
        uses: &uses,
    };
    let value: serde_json::Value = serde_json::from_str(&report.json().expect("JSON")).expect("JSON");
    assert_eq!(value["unit"], "bytes");
    assert_eq!(value["functions"][0]["function"], "java/lang/String.format");
    assert_eq!(value["functions"][0]["self_share"], 0.25);
    assert_eq!(value["functions"][0]["total"], 400);
}

#[test]
fn an_escape_sequence_in_a_name_cannot_reach_the_terminal() {
    assert_eq!(printable("a\x1b[2Jb\n"), "a\\u{1b}[2Jb\\n");
}

#[test]
fn the_range_is_the_last_ten_minutes_unless_said_otherwise() {
    let now = 1_795_368_226_000;
    let range = |line: &str| parse(line).expect(line).range(now);
    assert_eq!(range("").expect("a range"), TimeRange { from_ms: now - 600_000, until_ms: now });
    assert_eq!(range("--since 1h").expect("a range"), TimeRange { from_ms: now - 3_600_000, until_ms: now });
    let explicit = range("--from now-2h --until now-1h").expect("a range");
    assert_eq!(explicit, TimeRange { from_ms: now - 7_200_000, until_ms: now - 3_600_000 });
    let message = range("--from now-1h --until now-2h").expect_err("the wrong way round").to_string();
    assert!(message.contains("must be before --until"), "{message}");
}

#[test]
fn contradicting_and_malformed_options_are_refused() {
    for line in [
        "--self --total",
        "--since 1h --from now-2h",
        "--until now",
        "--limit 0",
        "--type CPUs",
        "--since yesterday",
        "--from then",
    ] {
        assert!(parse(line).is_err(), "{line} is accepted");
    }
}
