//! `IngestParams`: the query parameters of `/ingest`.

use super::AppName;
use crate::error::ApiError;
use crate::time_text::parse_time;

/// Samples per second when the sender does not say, or says something that is no number, as in Pyroscope.
const DEFAULT_SAMPLE_RATE_HZ: u32 = 100;

/// What an upload says about itself. `units` and `aggregationType` mean nothing for JFR and are not read.
#[derive(Debug)]
pub(crate) struct IngestParams {
    pub app: AppName,
    pub from_ns: i64,
    pub until_ns: i64,
    pub sample_rate_hz: u32,
}

impl IngestParams {
    /// Reads the part of the URL after `?`. A time that is missing is now; one that cannot be read is refused.
    pub fn parse(query: &str, now_ns: i64) -> Result<Self, ApiError> {
        let (mut name, mut spy_name, mut format) = (String::new(), "unknown".to_owned(), String::new());
        let (mut from_ns, mut until_ns, mut sample_rate_hz) = (now_ns, now_ns, DEFAULT_SAMPLE_RATE_HZ);
        let time = |key: &str, value: &str| {
            let parsed = parse_time(value, now_ns);
            parsed.map_err(|error| ApiError::invalid(format!("{key}: {error}")))
        };
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "name" => name = value.into_owned(),
                "spyName" if !value.is_empty() => spy_name = value.into_owned(),
                "format" => format = value.into_owned(),
                "from" => from_ns = time("from", &value)?,
                "until" => until_ns = time("until", &value)?,
                "sampleRate" => sample_rate_hz = value.parse().unwrap_or(DEFAULT_SAMPLE_RATE_HZ),
                _ => {}
            }
        }
        let app = AppName::parse(&name, &spy_name).map_err(|error| ApiError::invalid(error.to_string()))?;
        if !matches!(&*format, "" | "jfr") {
            return Err(ApiError::invalid(format!("format: {format:?} is not supported; send JFR with format=jfr")));
        }
        Ok(IngestParams { app, from_ns, until_ns, sample_rate_hz })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_name_has_a_default() {
        let params = IngestParams::parse("name=bank&units=samples", 77).unwrap();
        assert_eq!((params.from_ns, params.until_ns, params.sample_rate_hz), (77, 77, 100));
        assert_eq!(params.app.labels.get("pyroscope_spy"), Some("unknown"));
    }

    #[test]
    fn reads_what_is_given() {
        let query =
            "name=bank%7Benv%3Dx%20y%7D&from=1795368199&until=1795368201&sampleRate=50&spyName=javaspy&format=jfr";
        let params = IngestParams::parse(query, 77).unwrap();
        assert_eq!(params.app.labels.get("env"), Some("x y"));
        assert_eq!(params.app.labels.get("pyroscope_spy"), Some("javaspy"));
        assert_eq!((params.from_ns, params.sample_rate_hz), (1_795_368_199_000_000_000, 50));
    }

    #[test]
    fn rates_that_are_no_number_are_the_default() {
        for (text, expected) in [("0", 0), ("-1", 100), ("x", 100), ("", 100), ("99", 99)] {
            let params = IngestParams::parse(&format!("name=a&sampleRate={text}"), 0).unwrap();
            assert_eq!(params.sample_rate_hz, expected, "{text}");
        }
    }

    #[test]
    fn bad_parameters_are_named() {
        for (query, start) in [
            ("from=1", "name: service name is required"),
            ("name=a&from=x", "from: \"x\" is not a time"),
            ("name=a&until=x", "until: \"x\" is not a time"),
            ("name=a&format=pprof", "format: \"pprof\" is not supported"),
        ] {
            let error = IngestParams::parse(query, 0).unwrap_err();
            assert!(error.message.starts_with(start), "{}", error.message);
            assert_eq!(error.status, 400);
        }
    }
}
