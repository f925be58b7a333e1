//! `pyrite top`: the functions that used most, asked of a running server.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ArgGroup;
use serde_json::json;

use crate::client::{Client, TimeRange};
use crate::flamebearer::{FunctionUse, FunctionUses};
use crate::function_name::readable;
use crate::instant::{self, Instant};
use crate::profile_type::ProfileType;
use crate::table::{Align, layout};
use crate::value::format_share;

const EXAMPLES: &str = "\
Examples:
  pyrite top
  pyrite top --service bank-order-service --since 1h
  pyrite top --type alloc --limit 5
  pyrite top --type mutex --from 2026-03-01T12:00:00Z --until 2026-03-01T12:30:00Z
  pyrite top --server http://pyroscope.example:4040 --json";

/// What `pyrite top` can be told.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, group(ArgGroup::new("order").args(["by_self", "by_total"])))]
pub struct Args {
    /// The server to ask: `pyrite serve` or Pyroscope
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4040")]
    server: String,
    /// The service (application name); may be left out where there is only one
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// cpu, wall, alloc, alloc-objects, mutex, mutex-count, block, block-count, or a full profile type id
    #[arg(long = "type", value_name = "TYPE", default_value = "cpu", value_parser = ProfileType::parse)]
    profile_type: ProfileType,
    /// How far to look back from now
    #[arg(long, value_name = "LENGTH", default_value = "10m", value_parser = instant::parse_length, conflicts_with_all = ["from", "until"])]
    since: Duration,
    /// Where to begin: now-1h, seconds since 1970, or 2026-03-01T12:00:00Z (UTC)
    #[arg(long, value_name = "TIME", value_parser = Instant::parse)]
    from: Option<Instant>,
    /// Where to end, in the same forms; now if left out
    #[arg(long, value_name = "TIME", value_parser = Instant::parse, requires = "from")]
    until: Option<Instant>,
    /// How many functions to print
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Order by what a function used itself (the default)
    #[arg(long = "self")]
    by_self: bool,
    /// Order by what a function used with all that it called
    #[arg(long = "total")]
    by_total: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

/// Asks and prints.
///
/// # Errors
/// The server cannot be asked, or has nothing to show: the message says what to change.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let range = args.range(instant::now_ms())?;
    let client = Client::new(&args.server)?;
    let service = match &args.service {
        Some(name) => name.clone(),
        None => only_service(&client, range)?,
    };
    let answer = client.render(&args.profile_type.id, &service, range)?;
    let mut uses = answer.by_function().with_context(|| client.server().to_owned())?;
    if uses.total == 0 {
        return Err(explain_nothing(&client, &service, &args.profile_type, range)?);
    }
    rank(&mut uses.functions, args.by_total);
    uses.functions.truncate(usize::try_from(args.limit)?);
    let report = Report { service: &service, profile_type: &args.profile_type, range, uses: &uses };
    crate::print(&if args.json { report.json()? } else { report.text(args.by_total) })
}

impl Args {
    fn range(&self, now_ms: i64) -> anyhow::Result<TimeRange> {
        let from = self.from.unwrap_or(Instant::BeforeNow(self.since));
        let until = self.until.unwrap_or(Instant::BeforeNow(Duration::ZERO));
        let range = TimeRange { from_ms: from.resolve(now_ms), until_ms: until.resolve(now_ms) };
        if range.from_ms >= range.until_ms {
            let (from, until) = (instant::format(range.from_ms), instant::format(range.until_ms));
            bail!("--from ({from}) must be before --until ({until})");
        }
        Ok(range)
    }
}

/// The service where there is only one; else the choice, as an error.
fn only_service(client: &Client, range: TimeRange) -> anyhow::Result<String> {
    let mut services = client.services(range)?;
    match services.len() {
        0 => bail!(nothing_sent(client, range)),
        1 => Ok(services.remove(0)),
        _ => bail!("several services sent profiles; choose one with --service:\n{}", list(&services)),
    }
}

fn nothing_sent(client: &Client, range: TimeRange) -> String {
    let server = client.server();
    format!(
        "no service sent a profile to {server} {}; look further back with --since 24h, or start one with\n  \
         java -agentpath:/path/to/libpyrite.so=application.name=my-service,server.address={server} -jar my-service.jar",
        describe(range)
    )
}

/// Why a profile is empty: no such service, no such profile type, or simply no sample.
fn explain_nothing(
    client: &Client,
    service: &str,
    wanted: &ProfileType,
    range: TimeRange,
) -> anyhow::Result<anyhow::Error> {
    let services = client.services(range)?;
    if services.is_empty() {
        return Ok(anyhow::Error::msg(nothing_sent(client, range)));
    }
    if !services.iter().any(|name| name == service) {
        let when = describe(range);
        return Ok(anyhow::anyhow!(
            "no service named {service} sent a profile {when}; those that did:\n{}",
            list(&services)
        ));
    }
    let ids = client.profile_types(service, range)?;
    let types: Vec<String> = ids.into_iter().map(|id| ProfileType { id }.short_name().to_owned()).collect();
    let wanted = wanted.short_name();
    Ok(anyhow::anyhow!(
        "{service} sent no {wanted} samples {}; choose another --type:\n{}",
        describe(range),
        list(&types)
    ))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("  {name}")).collect::<Vec<_>>().join("\n")
}

fn describe(range: TimeRange) -> String {
    format!("between {} and {}", instant::format(range.from_ms), instant::format(range.until_ms))
}

/// Largest first; equal ones by the other value and by name, so that the order is the same each time.
fn rank(functions: &mut [FunctionUse], by_total: bool) {
    let key = |function: &FunctionUse| {
        if by_total { (function.total, function.self_value) } else { (function.self_value, function.total) }
    };
    functions.sort_by(|a, b| key(b).cmp(&key(a)).then_with(|| a.name.cmp(&b.name)));
}

/// What is printed.
struct Report<'a> {
    service: &'a str,
    profile_type: &'a ProfileType,
    range: TimeRange,
    uses: &'a FunctionUses,
}

impl Report<'_> {
    fn text(&self, by_total: bool) -> String {
        let unit = self.profile_type.unit();
        let whole = self.uses.total;
        let heading = match by_total {
            false => {
                [("SELF%", Align::Right), ("SELF", Align::Right), ("TOTAL%", Align::Right), ("FUNCTION", Align::Left)]
            }
            true => {
                [("TOTAL%", Align::Right), ("TOTAL", Align::Right), ("SELF%", Align::Right), ("FUNCTION", Align::Left)]
            }
        };
        let row = |function: &FunctionUse| {
            let (first, second) =
                if by_total { (function.total, function.self_value) } else { (function.self_value, function.total) };
            vec![
                format_share(first, whole),
                unit.format(first),
                format_share(second, whole),
                printable(&readable(&function.name)),
            ]
        };
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "{}: {} of {}, {} to {}\n",
            printable(self.service),
            unit.format(whole),
            self.profile_type.title(),
            instant::format(self.range.from_ms),
            instant::format(self.range.until_ms),
        );
        text + &layout(&heading, &self.uses.functions.iter().map(row).collect::<Vec<_>>())
    }

    #[expect(clippy::cast_precision_loss, reason = "shares are ratios of sums far below 2^53")]
    fn json(&self) -> anyhow::Result<String> {
        let whole = self.uses.total as f64;
        let row = |function: &FunctionUse| {
            json!({
                "function": function.name,
                "self": function.self_value,
                "self_share": function.self_value as f64 / whole,
                "total": function.total,
                "total_share": function.total as f64 / whole,
            })
        };
        let functions: Vec<_> = self.uses.functions.iter().map(row).collect();
        let report = json!({
            "service": self.service,
            "profile_type": self.profile_type.id,
            "unit": self.profile_type.unit().name(),
            "from_ms": self.range.from_ms,
            "until_ms": self.range.until_ms,
            "total": self.uses.total,
            "functions": functions,
        });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }
}

/// A name with its control characters made visible: names come from whoever can upload, and an escape sequence could
/// otherwise rewrite the terminal.
fn printable(name: &str) -> String {
    let escape = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    name.chars().map(escape).collect()
}

#[cfg(test)]
mod tests;
