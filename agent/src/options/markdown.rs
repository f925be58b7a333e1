//! docs/options.md, generated from the table of options.

use std::fmt::Write;

use super::spec::{Group, OptionSpec, Status, env_name};
use super::table::OPTIONS;

const INTRODUCTION: &str = "\
<!-- Generated from agent/src/options/table.rs. To change it, change the table and run the agent's tests with UPDATE_GOLDEN=1. -->
# Options

Each option can be given in four places. The first that has it wins, key by key:

| | place | form |
|---|---|---|
| 1 | agent string | `-agentpath:/path/libpyrite.so=application.name=bank,profiling.interval=10ms` |
| 2 | system property | `-Dpyroscope.application.name=bank` |
| 3 | environment | `PYROSCOPE_APPLICATION_NAME=bank` |
| 4 | properties file | `pyroscope.application.name=bank`, in the file that `pyroscope.configuration.file` names |

`JAVA_TOOL_OPTIONS` and `JDK_JAVA_OPTIONS` may carry the first two. System properties and the file also take the upper-case form of a key,
and the agent string takes the full form.

- **An empty value** means the default, whatever a weaker place says.
- **A value that is not allowed** is reported in one line, and the default is used. A key that does not exist is reported with the nearest one that does.
- **Durations** are a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`. A bare number is nanoseconds, as in pyroscope-java; where it lies outside what is
  allowed it is refused, because another unit was surely meant. **Sizes** are a whole number and `b`, `k`, `m` or `g`, in powers of 1,024.
- **A comma in the agent string** ends a value, unless a backslash stands before it: `http.headers={\"A\":\"1\"\\,\"B\":\"2\"}`. `\\\\` is a backslash.
- **Labels** of all places are merged; the stronger place wins where two give the same name. `pyroscope.labels=env=production,region=eu` and
  `-Dpyroscope.labels.env=production` mean the same; in the agent string write `labels.env=production`. In the environment it is `PYROSCOPE_LABELS`, or
  `PYROSCOPE_LABELS_ENV=production`, where the name becomes lower case. In one place, the single form goes before the list.
";

/// The whole page.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for &(group, heading) in Group::ALL {
        section(&mut page, group, heading);
    }
    page
}

fn section(page: &mut String, group: Group, heading: &str) {
    // Writing to a String cannot fail.
    let _ = write!(page, "\n## {heading}\n");
    if group == Group::Incumbent {
        page.push_str("\nKnown to pyroscope-java 2.9.2. They may stay in your configuration; the log says once that they have no effect.\n");
    }
    page.push_str("\n| option | type | allowed | default | meaning |\n|---|---|---|---|---|\n");
    for spec in OPTIONS.iter().filter(|spec| spec.group == group) {
        row(page, spec);
    }
}

fn row(page: &mut String, spec: &OptionSpec) {
    let default = if spec.default.is_empty() { "none".to_owned() } else { format!("`{}`", spec.default) };
    let status = match spec.status {
        Status::Works => String::new(),
        Status::NotYet => " **Not yet: accepted, checked and ignored.**".to_owned(),
        Status::ByDesign(reason) => format!(" Ignored: {reason}."),
    };
    let allowed = spec.allowed.replace('|', "\\|");
    let _ = writeln!(
        page,
        "| `{}`<br>`{}` | {} | {allowed} | {default} | {}{status} |",
        spec.key,
        env_name(spec.key),
        spec.kind.name(),
        spec.doc.replace('|', "\\|"),
    );
}
