//! `GET /pyroscope/label-values`: the values of one label.

use super::App;
use super::app::Work;
use crate::connect::{LabelValuesRequest, querier};
use crate::error::ApiError;
use crate::time_text::parse_time;
use axum::Json;
use axum::extract::{RawQuery, State};
use std::sync::Arc;

/// Answers with a sorted list. `__name__` means profile types, as recorded from Pyroscope. Without a range everything
/// held counts, where Pyroscope refuses.
pub(super) async fn label_values(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<String>>, ApiError> {
    let request = parse(query.as_deref().unwrap_or(""), app.now_ns())?;
    let answer = app.run(Work::Query, move |store| querier::label_values(store, request)).await?;
    Ok(Json(answer.names))
}

fn parse(query: &str, now_ns: i64) -> Result<LabelValuesRequest, ApiError> {
    let mut request = LabelValuesRequest::default();
    let time_ms = |key: &str, text: &str| -> Result<i64, ApiError> {
        let time_ns = parse_time(text, now_ns).map_err(|error| ApiError::invalid(format!("{key}: {error}")))?;
        Ok(time_ns.div_euclid(1_000_000))
    };
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*key {
            "label" => request.name = value.into_owned(),
            "query" => request.matchers.push(value.into_owned()),
            "from" => request.start = time_ms("from", &value)?,
            "until" => request.end = time_ms("until", &value)?,
            _ => {}
        }
    }
    match &*request.name {
        "" => Err(ApiError::invalid("\"label\" is required: the label whose values are wanted")),
        "__name__" => Ok(LabelValuesRequest { name: "__profile_type__".to_owned(), ..request }),
        _ => Ok(request),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_label_and_range() {
        let request = parse("label=service_name&from=now-1h&until=now", 7_200_000_000_000).unwrap();
        assert_eq!((&*request.name, request.start, request.end), ("service_name", 3_600_000, 7_200_000));
        assert_eq!(parse("label=__name__", 0).unwrap().name, "__profile_type__");
        assert!(parse("", 0).unwrap_err().message.contains("\"label\" is required"));
        assert!(parse("label=x&from=soon", 0).unwrap_err().message.starts_with("from: \"soon\" is not a time"));
    }
}
