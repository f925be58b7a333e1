//! `GET /pyroscope/render` and `/pyroscope/render-diff`.

use super::App;
use super::app::Work;
use super::flamebearer::Flamebearer;
use crate::connect::querier::{dot, max_nodes, merged, merged_diff};
use crate::error::ApiError;
use crate::query::{Aggregation, Query, SpanFilter, TimeRange, point_interval_s, point_series, timeline};
use crate::selector::parse_query;
use crate::store::Store;
use crate::time_text::parse_time;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Json, Response};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Query parameters by name; of a repeated one, `group_by` keeps all and the rest the last.
struct Params {
    values: HashMap<String, String>,
    group_by: Vec<String>,
    now_ns: i64,
}

/// Draws one query.
pub(super) async fn render(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let params = Params::parse(query.as_deref().unwrap_or(""), app.now_ns());
    let query = params.query("query", params.get("query"), "from", "until")?;
    let max_nodes = params.max_nodes()?;
    match params.get("format").unwrap_or("json") {
        "" | "json" => {
            let document = app.run(Work::Query, move |store| single(store, &query, &params, max_nodes)).await?;
            Ok(Json(document).into_response())
        }
        "dot" => {
            let text = app.run(Work::Query, move |store| dot(store, &query, max_nodes)).await?;
            Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
        }
        other => Err(ApiError::invalid(format!("format {other:?} is not supported; allowed are json and dot"))),
    }
}

/// Draws two queries in one graph. A query that is left out is the other one, so that two ranges can be compared.
pub(super) async fn render_diff(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let params = Params::parse(query.as_deref().unwrap_or(""), app.now_ns());
    let (left, right) = (params.get("leftQuery"), params.get("rightQuery"));
    let either = params.get("query");
    let left_query = params.query("leftQuery", left.or(either).or(right), "leftFrom", "leftUntil")?;
    let right_query = params.query("rightQuery", right.or(either).or(left), "rightFrom", "rightUntil")?;
    let max_nodes = params.max_nodes()?;
    let graph = app.run(Work::Query, move |store| {
        let graph = merged_diff(store, &left_query, &right_query, max_nodes)?;
        Ok(Flamebearer::double(graph, &left_query.profile_type))
    });
    Ok(Json(graph.await?).into_response())
}

/// The graph, the timeline of all that it shows, and one timeline per group.
fn single(store: &Store, query: &Query, params: &Params, max_nodes: usize) -> Result<Flamebearer, ApiError> {
    let graph = merged(store, query, max_nodes)?;
    let range = query.range.closed(store.bounds_ms());
    let step_s = point_interval_s(range);
    let uploads = store.uploads(query.range);
    let wanted = |series: &_| query.matches(series);
    let aggregation = match params.get("aggregation") {
        Some("avg" | "average") => Aggregation::Average,
        _ => Aggregation::Sum,
    };
    let series = |group_by| point_series(&uploads, wanted, range, step_s * 1000, group_by, aggregation);
    let all = series(&[]);
    let line = timeline(all.first().map_or(&[], |series| &series.points), range, step_s);
    let groups = (!params.group_by.is_empty()).then(|| {
        let group = |group: crate::query::PointSeries| {
            let values: Vec<_> = group.labels.iter().map(|(_, value)| value).collect();
            (values.join(","), timeline(&group.points, range, step_s))
        };
        series(&params.group_by).into_iter().map(group).collect::<BTreeMap<_, _>>()
    });
    Ok(Flamebearer::single(graph, &query.profile_type, line, groups))
}

impl Params {
    fn parse(query: &str, now_ns: i64) -> Self {
        let mut params = Params { values: HashMap::new(), group_by: Vec::new(), now_ns };
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "groupBy" | "group-by" if !value.is_empty() => params.group_by.push(value.into_owned()),
                "max-nodes" => drop(params.values.insert("maxNodes".to_owned(), value.into_owned())),
                _ => drop(params.values.insert(key.into_owned(), value.into_owned())),
            }
        }
        params
    }

    /// A value that is given and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Reads one query and its range. The wording of refusals is Pyroscope's.
    fn query(&self, name: &str, text: Option<&str>, from: &str, until: &str) -> Result<Query, ApiError> {
        let text = text.ok_or_else(|| ApiError::invalid(format!("{name:?} is required")))?;
        let (profile_type, selector) =
            parse_query(text).map_err(|error| ApiError::invalid(format!("failed to parse {name:?}: {error}")))?;
        let profile_type = profile_type.parse().map_err(|_| ApiError::invalid(format!("failed to parse {name:?}")))?;
        let range = TimeRange::new(self.time_ms(from, "from", "now-1h")?, self.time_ms(until, "until", "now")?)
            .map_err(|error| ApiError::invalid(error.to_string()))?;
        Ok(Query { profile_type, selector, range, spans: SpanFilter::default() })
    }

    /// The time named `name`, or else `shared`, or else the default.
    fn time_ms(&self, name: &str, shared: &str, default: &str) -> Result<i64, ApiError> {
        let text = self.get(name).or_else(|| self.get(shared)).unwrap_or(default);
        let time_ns = parse_time(text, self.now_ns).map_err(|error| ApiError::invalid(format!("{name}: {error}")))?;
        Ok(time_ns.div_euclid(1_000_000))
    }

    fn max_nodes(&self) -> Result<usize, ApiError> {
        let text = self.get("maxNodes").unwrap_or("0");
        let asked = text
            .parse()
            .map_err(|_| ApiError::invalid(format!("max-nodes {text:?} is not a number; 0 means the default")))?;
        max_nodes(asked)
    }
}
