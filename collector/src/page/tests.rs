//! The page's files and headers, asked for as a browser would.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use tower::ServiceExt;

use super::{ASSETS, INDEX, router};

fn ask(path: &str, if_none_match: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path);
    if let Some(tag) = if_none_match {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let request = request.body(Body::empty()).expect("a valid request");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(router::<()>().oneshot(request)).expect("routers answer")
}

fn header_text<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers()[name].to_str().expect("a text")
}

fn source(asset_body: &'static [u8]) -> &'static str {
    std::str::from_utf8(asset_body).expect("UTF-8")
}

#[test]
fn the_page_and_every_file_of_it_are_served() {
    let index = ask("/", None);
    assert_eq!(index.status(), StatusCode::OK);
    assert_eq!(header_text(&index, "content-type"), "text/html; charset=utf-8");
    for asset in ASSETS {
        let response = ask(&format!("/assets/{}", asset.path), None);
        assert_eq!(response.status(), StatusCode::OK, "{}", asset.path);
        assert_eq!(header_text(&response, "content-type"), asset.content_type);
        assert!(!asset.body.is_empty(), "{} is empty", asset.path);
    }
}

#[test]
fn nothing_outside_of_the_table_is_served() {
    for path in
        ["/assets/nothing.js", "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/vendor/refresh.sh"]
    {
        assert_eq!(ask(path, None).status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn a_known_file_is_not_sent_again() {
    let first = ask("/assets/app.js", None);
    let tag = header_text(&first, "etag").to_owned();
    for list in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        let again = ask("/assets/app.js", Some(&list));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{list}");
        assert_eq!(header_text(&again, "etag"), tag);
    }
    assert_eq!(ask("/assets/app.js", Some("\"other\"")).status(), StatusCode::OK);
}

#[test]
fn tags_tell_files_apart() {
    let tags: BTreeSet<String> = ASSETS.iter().map(super::Asset::etag).collect();
    assert_eq!(tags.len(), ASSETS.len());
}

#[test]
fn the_policy_allows_no_other_host_and_no_inline_script() {
    let response = ask("/", None);
    let policy = header_text(&response, "content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for forbidden in ["unsafe-inline", "unsafe-eval", "http:", "https:", "*", "data:"] {
        assert!(!policy.contains(forbidden), "{forbidden} in {policy}");
    }
    assert_eq!(header_text(&response, "x-content-type-options"), "nosniff");
    let index = source(INDEX.body);
    assert!(
        !index.contains("<script>") && !index.contains("style=") && !index.contains("onclick="),
        "inline code is blocked"
    );
}

/// Our own files never turn text into markup or code; the library is held to it by the policy and the browser test.
#[test]
fn no_file_of_ours_builds_markup_or_code_from_text() {
    for asset in ASSETS.iter().filter(|asset| !asset.path.starts_with("vendor/")) {
        let text = source(asset.body);
        for forbidden in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", ".html("]
        {
            assert!(!text.contains(forbidden), "{} contains {forbidden}", asset.path);
        }
    }
}

#[test]
fn no_file_asks_another_host() {
    for asset in ASSETS.iter().filter(|asset| asset.path != "vendor/LICENSES.txt") {
        let namespaces = source(asset.body).replace("http://www.w3.org/", "");
        assert!(!namespaces.contains("http://") && !namespaces.contains("https://"), "{} names a host", asset.path);
    }
}

/// Files that a browser loads are those of the directory itself (`package.json` is for node, which runs the tests);
/// what the vendor directory needs to be refreshed, and the tests, stay out of the binary.
#[test]
fn the_table_lists_every_file_of_the_directory() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let files: BTreeSet<String> = fs::read_dir(directory)
        .expect("the page's directory")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.file_type().expect("a type").is_file())
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .filter(|name| name != "index.html" && name != "package.json")
        .collect();
    let table: BTreeSet<String> =
        ASSETS.iter().map(|asset| asset.path.to_owned()).filter(|path| !path.contains('/')).collect();
    assert_eq!(files, table);
}

#[test]
fn every_import_is_in_the_table() {
    for asset in ASSETS.iter().filter(|asset| asset.path.ends_with(".js") && !asset.path.contains('/')) {
        for import in source(asset.body).split("from \"./").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ASSETS.iter().any(|other| other.path == import), "{} imports {import}", asset.path);
        }
    }
    for reference in source(INDEX.body).split("\"assets/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ASSETS.iter().any(|other| other.path == reference), "index.html refers to {reference}");
    }
}
