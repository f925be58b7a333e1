//! `AppName`: the `name` parameter, `app{key=value,key=value}`.

use crate::model::Labels;

/// An application and the labels that came with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AppName {
    /// The value of `service_name`.
    pub service: String,
    /// Labels of every series of the upload, `service_name` included.
    pub labels: Labels,
}

/// A name that Pyroscope would refuse.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AppNameError {
    #[error("name: service name is required")]
    Missing,
    #[error("name: {0:?} is not allowed in an application name; letters, digits and _ . - / are")]
    App(char),
    #[error("name: {0:?} is not a label name; letters, digits, _ and . are allowed")]
    Label(String),
}

/// The only label that starts with two underscores and is kept.
const SESSION_ID: &str = "__session_id__";

impl AppName {
    /// There is no quoting: a value ends at a comma or a closing brace. A last pair without either is kept, where
    /// Pyroscope loses it. `__name__` in the braces replaces the application, `service_name` moves it to `app_name`.
    pub fn parse(text: &str, spy_name: &str) -> Result<Self, AppNameError> {
        let (app, pairs) = text.split_once('{').unwrap_or((text, ""));
        let mut app = app.trim();
        let pairs = pairs.split('}').next().unwrap_or("");
        let mut labels = Vec::new();
        for pair in pairs.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "__name__" => app = value,
                SESSION_ID => labels.push((name, value)),
                _ if name.starts_with("__") || value.is_empty() => {}
                _ if is_label_name(name) => labels.push((name, value)),
                _ if app.is_empty() => return Err(AppNameError::Missing),
                _ => return Err(AppNameError::Label(name.to_owned())),
            }
        }
        if app.is_empty() {
            return Err(AppNameError::Missing);
        }
        if let Some(bad) = app.chars().find(|c| !is_name_char(*c) && !matches!(c, '-' | '/')) {
            return Err(AppNameError::App(bad));
        }
        Ok(Self::with_labels(app, Labels::from_pairs(labels), spy_name))
    }

    fn with_labels(app: &str, mut labels: Labels, spy_name: &str) -> Self {
        let given = labels.get("service_name").map(str::to_owned);
        let place = if given.is_some() { "app_name" } else { "service_name" };
        labels.insert_missing(place.to_owned(), app.to_owned());
        labels.insert_missing("pyroscope_spy".to_owned(), spy_name.to_owned());
        AppName { service: given.unwrap_or_else(|| app.to_owned()), labels }
    }
}

fn is_label_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<(String, String)> {
        let name = AppName::parse(text, "javaspy").unwrap_or_else(|error| panic!("{text}: {error}"));
        let pairs = name.labels.iter().filter(|(name, _)| *name != "pyroscope_spy");
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn expect(text: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(labels(text), expected, "{text}");
    }

    #[test]
    fn braces_hold_labels() {
        expect("bank", &[("service_name", "bank")]);
        expect("bank{}", &[("service_name", "bank")]);
        expect("bank{env=prod,region=eu}", &[("env", "prod"), ("region", "eu"), ("service_name", "bank")]);
        expect("bank{env=a=b}", &[("env", "a=b"), ("service_name", "bank")]);
        expect("bank{env=\"a\"}", &[("env", "\"a\""), ("service_name", "bank")]);
        expect("bank{env=a", &[("env", "a"), ("service_name", "bank")]);
        expect("bank{otel.scope.name=x/y}", &[("otel.scope.name", "x/y"), ("service_name", "bank")]);
        expect("bank{__x__=1,__session_id__=7}", &[("__session_id__", "7"), ("service_name", "bank")]);
    }

    #[test]
    fn the_application_may_be_named_inside() {
        expect("bank{__name__=other}", &[("service_name", "other")]);
        expect("{__name__=other}", &[("service_name", "other")]);
        expect("bank{service_name=pay}", &[("app_name", "bank"), ("service_name", "pay")]);
        assert_eq!(AppName::parse("bank{service_name=pay}", "x").unwrap().service, "pay");
    }

    #[test]
    fn bad_names_are_refused_with_the_reason() {
        for text in ["", "{bad", "{}", "{env=x}", " {a=b}"] {
            assert_eq!(AppName::parse(text, "x"), Err(AppNameError::Missing), "{text}");
        }
        assert_eq!(AppName::parse("a b", "x"), Err(AppNameError::App(' ')));
        assert_eq!(AppName::parse("a{b-c=d}", "x"), Err(AppNameError::Label("b-c".into())));
    }
}
