//! The server's address: a checked `http` or `https` URL that prints without its credentials.

use std::fmt;

use url::Url;

use crate::redact::{self, Secret};

use super::values::Invalid;

/// Where profiles go. `Debug` and `Display` leave out user, password and query.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress(Url);

impl ServerAddress {
    /// Checks `text`. Only `http` and `https` with a host are accepted.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut url = Url::parse(text.trim()).map_err(|_| Invalid)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(Invalid);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The URL as the user gave it, credentials included: for the one place that connects.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// True when the connection is encrypted, and so needs certificates.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// User and password from the URL, where both are given, decoded.
    pub fn credentials(&self) -> Option<(String, Secret)> {
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let password = self.0.password().filter(|password| !password.is_empty())?;
        let user = Some(self.0.username()).filter(|user| !user.is_empty())?;
        Some((decode(user), Secret::new(decode(password))))
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact::url(&self.0))
    }
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Default for ServerAddress {
    /// pyroscope-java's default.
    fn default() -> Self {
        Self(Url::parse("http://localhost:4040").expect("a constant that is a URL"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_urls_with_a_host_are_servers() {
        for text in ["http://localhost:4040", " https://h/p?x=1 ", "HTTP://[::1]:4040/"] {
            assert!(ServerAddress::parse(text).is_ok(), "{text}");
        }
        for text in ["", "localhost:4040", "ftp://h", "file:///tmp", "http://", "https://:80", "http://a:b:c"] {
            assert!(ServerAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn credentials_are_decoded_for_use_and_hidden_from_view() {
        let address = ServerAddress::parse("https://me:p%40ss@host/x#y").unwrap();
        let (user, password) = address.credentials().unwrap();
        assert_eq!((user.as_str(), password.expose()), ("me", "p@ss"));
        assert_eq!(format!("{address} {address:?}"), "https://***@host/x https://***@host/x");
        assert_eq!(ServerAddress::parse("https://me@host").unwrap().credentials(), None);
    }
}
