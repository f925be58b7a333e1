//! Addresses, sizes, directories and texts of `pyrite serve`.

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use collector::ServeError;

use super::{agent_library, default_data_dir, explain, parse_address, parse_size, reachable_url};

fn address(text: &str) -> SocketAddr {
    text.parse().expect(text)
}

#[test]
fn an_address_may_be_short() {
    assert_eq!(parse_address("127.0.0.1:4040"), Ok(address("127.0.0.1:4040")));
    assert_eq!(parse_address("4041"), Ok(address("127.0.0.1:4041")));
    assert_eq!(parse_address(":4041"), Ok(address("127.0.0.1:4041")));
    assert_eq!(parse_address("localhost:0"), Ok(address("127.0.0.1:0")));
    assert_eq!(parse_address("[::1]:4040"), Ok(address("[::1]:4040")));
    for text in ["", "here", "127.0.0.1", "127.0.0.1:99999", "http://127.0.0.1:4040"] {
        assert!(parse_address(text).is_err(), "{text} is accepted");
    }
}

#[test]
fn a_size_has_a_unit_and_is_not_nothing() {
    assert_eq!(parse_size("2GiB").map(|size| size.as_u64()), Ok(2 << 30));
    assert_eq!(parse_size("500 MiB").map(|size| size.as_u64()), Ok(500 << 20));
    for text in ["", "0", "-1GiB", "lots"] {
        assert!(parse_size(text).is_err(), "{text} is accepted");
    }
}

#[test]
fn data_is_kept_where_the_desktop_specification_says() {
    let os = |text: &str| Some(OsString::from(text));
    let directory = |data_home, home| default_data_dir(data_home, home).map_err(|error| error.to_string());
    assert_eq!(directory(os("/data"), os("/home/me")), Ok(PathBuf::from("/data/pyrite")));
    assert_eq!(directory(None, os("/home/me")), Ok(PathBuf::from("/home/me/.local/share/pyrite")));
    assert_eq!(directory(os("relative"), os("/home/me")), Ok(PathBuf::from("/home/me/.local/share/pyrite")));
    assert_eq!(directory(os(""), os("/home/me")), Ok(PathBuf::from("/home/me/.local/share/pyrite")));
    assert!(directory(None, os("")).expect_err("no home").contains("--data"));
}

#[test]
fn the_printed_address_can_be_opened() {
    assert_eq!(reachable_url(address("0.0.0.0:4040")), "http://127.0.0.1:4040");
    assert_eq!(reachable_url(address("[::]:4040")), "http://127.0.0.1:4040");
    assert_eq!(reachable_url(address("[::1]:4040")), "http://[::1]:4040");
    assert_eq!(reachable_url(address("10.0.0.7:80")), "http://10.0.0.7:80");
}

#[test]
fn an_agent_that_is_not_there_is_not_promised() {
    assert_eq!(agent_library(None), Path::new("/path/to/libpyrite.so"));
    assert_eq!(agent_library(Some(Path::new("/nowhere/pyrite"))), Path::new("/path/to/libpyrite.so"));
}

#[test]
fn a_taken_port_comes_with_the_next_one() {
    let taken = ServeError::Listen { address: address("127.0.0.1:4040"), cause: io::ErrorKind::AddrInUse.into() };
    let message = explain(taken).to_string();
    assert!(message.contains("127.0.0.1:4040 is in use") && message.contains("--listen 127.0.0.1:4041"), "{message}");
    let refused =
        ServeError::Listen { address: address("127.0.0.1:80"), cause: io::ErrorKind::PermissionDenied.into() };
    assert!(explain(refused).to_string().contains("--listen"));
}
