//! `querier.v1.QuerierService`: what each method answers.

use super::codec::Codec;
use super::messages::{
    AggregationType, DiffRequest, DiffResponse, FlameGraphDiff, GetProfileStatsRequest, GetProfileStatsResponse,
    LabelNamesRequest, LabelNamesResponse, LabelPair, LabelSet, LabelValuesRequest, LabelValuesResponse, Level, Point,
    PprofProfile, ProfileFormat, ProfileType, ProfileTypesRequest, ProfileTypesResponse, SelectMergeProfileRequest,
    SelectMergeSpanProfileRequest, SelectMergeSpanProfileResponse, SelectMergeStacktracesRequest,
    SelectMergeStacktracesResponse, SelectSeriesRequest, SelectSeriesResponse, Series, SeriesRequest, SeriesResponse,
    StackTraceSelector,
};
use super::pprof;
use crate::error::{ApiError, Code};
use crate::model::Labels;
use crate::query::{
    Aggregation, CallTree, FlameGraph, Query, Side, SpanFilter, Symbols, TimeRange, diff_flame_graph, dot_graph,
    flame_graph, merge_into, point_series, pprof_profile,
};
use crate::selector::{Selector, any_matches, parse_selector};
use crate::store::Store;
use std::collections::BTreeSet;

/// One request to a method.
pub(crate) struct Call<'a> {
    pub store: &'a Store,
    pub codec: Codec,
    pub body: &'a [u8],
}

/// A method: its name, its request's type as Go names it, and what answers it.
pub(crate) struct Method {
    pub name: &'static str,
    request: &'static str,
    answer: fn(&Call<'_>, &str) -> Result<Vec<u8>, ApiError>,
}

/// Every method of the service that is answered here.
pub(crate) const METHODS: &[Method] = &[
    method("ProfileTypes", "querierv1.ProfileTypesRequest", |call, name| unary(call, name, profile_types)),
    method("LabelValues", "typesv1.LabelValuesRequest", |call, name| unary(call, name, label_values)),
    method("LabelNames", "typesv1.LabelNamesRequest", |call, name| unary(call, name, label_names)),
    method("Series", "querierv1.SeriesRequest", |call, name| unary(call, name, series)),
    method("SelectMergeStacktraces", "querierv1.SelectMergeStacktracesRequest", |call, name| {
        unary(call, name, select_merge_stacktraces)
    }),
    method("SelectMergeSpanProfile", "querierv1.SelectMergeSpanProfileRequest", |call, name| {
        unary(call, name, select_merge_span_profile)
    }),
    method("SelectMergeProfile", "querierv1.SelectMergeProfileRequest", |call, name| {
        unary(call, name, select_merge_profile)
    }),
    method("SelectSeries", "querierv1.SelectSeriesRequest", |call, name| unary(call, name, select_series)),
    method("Diff", "querierv1.DiffRequest", |call, name| unary(call, name, diff)),
    method("GetProfileStats", "typesv1.GetProfileStatsRequest", |call, name| unary(call, name, get_profile_stats)),
];

const fn method(
    name: &'static str,
    request: &'static str,
    answer: fn(&Call<'_>, &str) -> Result<Vec<u8>, ApiError>,
) -> Method {
    Method { name, request, answer }
}

impl Method {
    /// Decodes, answers and encodes.
    pub fn call(&self, call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
        (self.answer)(call, self.request)
    }
}

fn unary<Q, A>(
    call: &Call<'_>,
    request: &str,
    answer: fn(&Store, Q) -> Result<A, ApiError>,
) -> Result<Vec<u8>, ApiError>
where
    Q: prost::Message + Default + serde::de::DeserializeOwned,
    A: prost::Message + serde::Serialize,
{
    let request = call.codec.decode(call.body, request)?;
    call.codec.encode(&answer(call.store, request)?)
}

/// How many frames are shown when the request does not say: Pyroscope's default.
pub(crate) const DEFAULT_MAX_NODES: usize = 8_192;
/// The most frames that can be asked for: Pyroscope's limit.
const MOST_NODES: usize = 1 << 20;

/// Not given and 0 mean the default.
pub(crate) fn max_nodes(asked: i64) -> Result<usize, ApiError> {
    match usize::try_from(asked) {
        Ok(0) => Ok(DEFAULT_MAX_NODES),
        Ok(count) => Ok(count.min(MOST_NODES)),
        Err(_) => Err(ApiError::invalid(format!("max nodes {asked} is negative; 0 means {DEFAULT_MAX_NODES}"))),
    }
}

/// Sorted by id, as recorded.
fn profile_types(store: &Store, request: ProfileTypesRequest) -> Result<ProfileTypesResponse, ApiError> {
    let range = time_range(request.start, request.end)?;
    let types: BTreeSet<_> = store.series(range).iter().map(|series| series.profile_type.clone()).collect();
    let profile_types = types.into_iter().map(|found| ProfileType {
        id: found.to_string(),
        name: found.name,
        sample_type: found.sample_type,
        sample_unit: found.sample_unit,
        period_type: found.period_type,
        period_unit: found.period_unit,
    });
    Ok(ProfileTypesResponse { profile_types: profile_types.collect() })
}

/// Sorted, without the empty value that a series without the label would have.
pub(crate) fn label_values(store: &Store, request: LabelValuesRequest) -> Result<LabelValuesResponse, ApiError> {
    if request.name.is_empty() {
        return Err(ApiError::invalid("name is required: the label whose values are wanted"));
    }
    let labels = matching_labels(store, &request.matchers, request.start, request.end)?;
    let values: BTreeSet<_> = labels.iter().filter_map(|labels| labels.get(&request.name)).collect();
    let names = values.into_iter().filter(|value| !value.is_empty()).map(str::to_owned).collect();
    Ok(LabelValuesResponse { names })
}

/// Names with dots are held and can be asked for by name, but are not listed.
fn label_names(store: &Store, request: LabelNamesRequest) -> Result<LabelNamesResponse, ApiError> {
    let labels = matching_labels(store, &request.matchers, request.start, request.end)?;
    let shown: Vec<Labels> = labels.iter().map(Labels::without_dotted).collect();
    let names: BTreeSet<_> = shown.iter().flat_map(Labels::iter).map(|(name, _)| name).collect();
    Ok(LabelNamesResponse { names: names.into_iter().map(str::to_owned).collect() })
}

/// Label sets that are equal once projected are one.
fn series(store: &Store, request: SeriesRequest) -> Result<SeriesResponse, ApiError> {
    let labels = matching_labels(store, &request.matchers, request.start, request.end)?;
    let shown = labels.iter().map(|labels| labels.without_dotted().project(&request.label_names));
    let sets: BTreeSet<Labels> = shown.filter(|labels| !labels.is_empty()).collect();
    let labels_set = sets.iter().map(|labels| LabelSet { labels: label_pairs(labels) }).collect();
    Ok(SeriesResponse { labels_set })
}

fn select_merge_stacktraces(
    store: &Store,
    request: SelectMergeStacktracesRequest,
) -> Result<SelectMergeStacktracesResponse, ApiError> {
    let query = stacktraces_query(&request)?;
    let max_nodes = max_nodes(request.max_nodes.unwrap_or(0))?;
    let mut answer = SelectMergeStacktracesResponse::default();
    match ProfileFormat::try_from(request.format) {
        Ok(ProfileFormat::Unspecified | ProfileFormat::Flamegraph) => {
            answer.flamegraph = Some(single_graph(merged(store, &query, max_nodes)?));
        }
        Ok(ProfileFormat::Dot) => answer.dot = dot(store, &query, max_nodes)?,
        Ok(ProfileFormat::Pprof) => {
            let profile = Some(pprof(store, &query, max_nodes)?);
            answer.pprof = Some(PprofProfile { profile });
        }
        Ok(ProfileFormat::Tree) | Err(_) => return Err(unimplemented("this format; ask for FLAMEGRAPH, DOT or PPROF")),
    }
    Ok(answer)
}

/// The older way to ask for the samples of certain spans.
fn select_merge_span_profile(
    store: &Store,
    request: SelectMergeSpanProfileRequest,
) -> Result<SelectMergeSpanProfileResponse, ApiError> {
    if !matches!(ProfileFormat::try_from(request.format), Ok(ProfileFormat::Unspecified | ProfileFormat::Flamegraph)) {
        return Err(unimplemented("this format; ask for FLAMEGRAPH"));
    }
    let mut query = new_query(&request.profile_type_id, &request.label_selector, request.start, request.end)?;
    query.spans = SpanFilter::new(&request.span_selector).map_err(invalid)?;
    let graph = merged(store, &query, max_nodes(request.max_nodes.unwrap_or(0))?)?;
    Ok(SelectMergeSpanProfileResponse { flamegraph: Some(single_graph(graph)) })
}

fn select_merge_profile(store: &Store, request: SelectMergeProfileRequest) -> Result<pprof::Profile, ApiError> {
    refuse_selectors(request.stack_trace_selector.as_ref(), &request.profile_id_selector, &request.trace_id_selector)?;
    let query = new_query(&request.profile_type_id, &request.label_selector, request.start, request.end)?;
    pprof(store, &query, max_nodes(request.max_nodes.unwrap_or(0))?)
}

/// Totals over time, answered from the index alone.
fn select_series(store: &Store, request: SelectSeriesRequest) -> Result<SelectSeriesResponse, ApiError> {
    refuse_selectors(request.stack_trace_selector.as_ref(), &[], &[])?;
    let query = new_query(&request.profile_type_id, &request.label_selector, request.start, request.end)?;
    // NaN fails this as well.
    if !(request.step > 0.0 && request.step < 1e12) {
        return Err(ApiError::invalid(format!("step must be a positive number of seconds, got {}", request.step)));
    }
    let aggregation = match AggregationType::try_from(request.aggregation.unwrap_or(0)) {
        Ok(AggregationType::Sum) => Aggregation::Sum,
        Ok(AggregationType::Average) => Aggregation::Average,
        Err(_) => return Err(unimplemented("this aggregation; ask for SUM or AVERAGE")),
    };
    let step_ms = (request.step * 1000.0) as i64;
    let uploads = store.uploads(query.range);
    let groups =
        point_series(&uploads, |series| query.matches(series), query.range, step_ms, &request.group_by, aggregation);
    let limit = request.limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let series = groups.into_iter().take(limit.unwrap_or(usize::MAX)).map(|group| Series {
        labels: label_pairs(&group.labels),
        points: group.points.iter().map(|point| Point { value: point.value, timestamp: point.time_ms }).collect(),
    });
    Ok(SelectSeriesResponse { series: series.collect() })
}

/// The node limit of either side holds for the graph that both share.
fn diff(store: &Store, request: DiffRequest) -> Result<DiffResponse, ApiError> {
    let (Some(left), Some(right)) = (request.left, request.right) else {
        return Err(ApiError::invalid("left and right are required: the two queries to compare"));
    };
    let most = max_nodes(left.max_nodes.unwrap_or(0))?.max(max_nodes(right.max_nodes.unwrap_or(0))?);
    let graph = merged_diff(store, &stacktraces_query(&left)?, &stacktraces_query(&right)?, most)?;
    let flamegraph = FlameGraphDiff {
        total: graph.totals[0].saturating_add(graph.totals[1]),
        left_ticks: graph.totals[0],
        right_ticks: graph.totals[1],
        max_self: graph.max_own,
        names: graph.names,
        levels: levels(graph.levels),
    };
    Ok(DiffResponse { flamegraph: Some(flamegraph) })
}

/// Says since when data is held; nothing held is an empty answer.
fn get_profile_stats(store: &Store, _: GetProfileStatsRequest) -> Result<GetProfileStatsResponse, ApiError> {
    Ok(match store.bounds_ms() {
        None => GetProfileStatsResponse::default(),
        Some((oldest_profile_time, newest_profile_time)) => {
            GetProfileStatsResponse { data_ingested: true, oldest_profile_time, newest_profile_time }
        }
    })
}

/// The flame graph of a query.
pub(crate) fn merged(store: &Store, query: &Query, max_nodes: usize) -> Result<FlameGraph, ApiError> {
    let mut tree = CallTree::new(Symbols::Function);
    merge_into(&mut tree, Side::Left, store, query)?;
    Ok(flame_graph(&tree.freeze(), max_nodes))
}

/// The flame graph of two queries.
pub(crate) fn merged_diff(
    store: &Store,
    left: &Query,
    right: &Query,
    max_nodes: usize,
) -> Result<FlameGraph, ApiError> {
    if left.profile_type != right.profile_type {
        let (left, right) = (&left.profile_type, &right.profile_type);
        return Err(ApiError::invalid(format!("both sides must have one profile type, got {left} and {right}")));
    }
    let mut tree = CallTree::new(Symbols::Function);
    merge_into(&mut tree, Side::Left, store, left)?;
    merge_into(&mut tree, Side::Right, store, right)?;
    Ok(diff_flame_graph(&tree.freeze(), max_nodes))
}

/// The graph of a query in Graphviz' language.
pub(crate) fn dot(store: &Store, query: &Query, max_nodes: usize) -> Result<String, ApiError> {
    let mut tree = CallTree::new(Symbols::FunctionAndLine);
    merge_into(&mut tree, Side::Left, store, query)?;
    Ok(dot_graph(&tree.freeze(), &query.profile_type, last_ms(store, query), max_nodes))
}

fn pprof(store: &Store, query: &Query, max_nodes: usize) -> Result<pprof::Profile, ApiError> {
    let mut tree = CallTree::new(Symbols::FunctionAndLine);
    merge_into(&mut tree, Side::Left, store, query)?;
    Ok(pprof_profile(&tree.freeze(), &query.profile_type, last_ms(store, query), max_nodes))
}

/// The end of the range, or of what is held if the range has none.
fn last_ms(store: &Store, query: &Query) -> i64 {
    query.range.closed(store.bounds_ms()).end_ms
}

/// The query of a flame graph, spans included.
fn stacktraces_query(request: &SelectMergeStacktracesRequest) -> Result<Query, ApiError> {
    refuse_selectors(request.stack_trace_selector.as_ref(), &request.profile_id_selector, &request.trace_id_selector)?;
    let mut query = new_query(&request.profile_type_id, &request.label_selector, request.start, request.end)?;
    query.spans = SpanFilter::new(&request.span_selector).map_err(invalid)?;
    Ok(query)
}

fn new_query(profile_type: &str, selector: &str, start_ms: i64, end_ms: i64) -> Result<Query, ApiError> {
    let profile_type = profile_type.parse().map_err(invalid)?;
    let selector = parse_selector(selector)
        .map_err(|error| ApiError::invalid(format!("parsing label selector {selector:?}: {error}")))?;
    Ok(Query { profile_type, selector, range: time_range(start_ms, end_ms)?, spans: SpanFilter::default() })
}

/// Filters that would silently be ignored are refused.
fn refuse_selectors(
    stack_traces: Option<&StackTraceSelector>,
    profile_ids: &[String],
    trace_ids: &[String],
) -> Result<(), ApiError> {
    if stack_traces.is_some_and(|selector| !selector.call_site.is_empty() || selector.go_pgo.is_some()) {
        return Err(unimplemented("stackTraceSelector"));
    }
    if !profile_ids.is_empty() {
        return Err(unimplemented("profileIdSelector"));
    }
    if !trace_ids.is_empty() {
        return Err(unimplemented("traceIdSelector"));
    }
    Ok(())
}

/// The labels of every series of a range that any of the matchers accepts.
fn matching_labels(store: &Store, matchers: &[String], start_ms: i64, end_ms: i64) -> Result<Vec<Labels>, ApiError> {
    let parse = |text: &String| {
        parse_selector(text).map_err(|error| ApiError::invalid(format!("parsing label selector {text:?}: {error}")))
    };
    let selectors: Vec<Selector> = matchers.iter().map(parse).collect::<Result<_, _>>()?;
    let series = store.series(time_range(start_ms, end_ms)?);
    let matching = series.iter().filter(|series| any_matches(&selectors, &series.labels));
    Ok(matching.map(|series| series.labels.clone()).collect())
}

fn time_range(start_ms: i64, end_ms: i64) -> Result<TimeRange, ApiError> {
    TimeRange::new(start_ms, end_ms).map_err(invalid)
}

fn single_graph(graph: FlameGraph) -> super::messages::FlameGraph {
    super::messages::FlameGraph {
        total: graph.totals[0],
        max_self: graph.max_own,
        names: graph.names,
        levels: levels(graph.levels),
    }
}

fn levels(levels: Vec<Vec<i64>>) -> Vec<Level> {
    levels.into_iter().map(|values| Level { values }).collect()
}

fn label_pairs(labels: &Labels) -> Vec<LabelPair> {
    labels.iter().map(|(name, value)| LabelPair { name: name.to_owned(), value: value.to_owned() }).collect()
}

fn invalid(error: impl std::fmt::Display) -> ApiError {
    ApiError::invalid(error.to_string())
}

fn unimplemented(what: &str) -> ApiError {
    ApiError::new(Code::Unimplemented, format!("the collector does not support {what}"))
}
