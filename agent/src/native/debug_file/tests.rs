//! Tests of the search for debug files, below a directory that stands for the system's.

use super::super::fixture::{Fixture, TestDirectory};
use super::*;

fn debug_link(name: &str) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(bytes.len().next_multiple_of(4) + 8, 0);
    bytes
}

fn install(root: &Path, relative: &str, bytes: &[u8]) {
    let path = root.join(relative);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_debug_file_is_found_by_build_id() {
    let root = TestDirectory::new("debug-by-id");
    let image = Fixture::new().with_build_id(&[0xab, 0xcd, 0xef]).image();
    let library = root.path().join("lib.so");
    assert!(find_below(root.path(), &library, &image).is_none());
    install(root.path(), ".build-id/ab/cdef.debug", &Fixture::new().with_build_id(&[0xab, 0xcd, 0xef]).bytes());
    assert!(find_below(root.path(), &library, &image).is_some());
}

#[test]
fn a_debug_file_is_found_by_link_in_three_places() {
    for (number, place) in
        ["opt/app/lib.debug", "opt/app/.debug/lib.debug", "root/opt/app/lib.debug"].iter().enumerate()
    {
        let directory = TestDirectory::new(&format!("debug-by-link-{number}"));
        let library = directory.path().join("opt/app/lib.so");
        let image = Fixture::new().with_build_id(&[1, 2]).with(".gnu_debuglink", 0, debug_link("lib.debug")).image();
        // Below the root, the library's whole path is repeated.
        let below = directory.path().strip_prefix("/").unwrap().to_str().unwrap();
        let place = place.replace("root/", &format!("root/{below}/"));
        install(directory.path(), &place, &Fixture::new().with_build_id(&[1, 2]).bytes());
        assert!(find_below(&directory.path().join("root"), &library, &image).is_some(), "{place}");
    }
}

#[test]
fn the_debug_file_of_another_build_is_not_taken() {
    let root = TestDirectory::new("debug-other");
    let image = Fixture::new().with_build_id(&[0xab, 0xcd]).image();
    install(root.path(), ".build-id/ab/cd.debug", &Fixture::new().with_build_id(&[0xab, 0xce]).bytes());
    assert!(find_below(root.path(), Path::new("/lib.so"), &image).is_none());
    let anonymous = Fixture::new().image();
    assert!(find_below(root.path(), Path::new("/lib.so"), &anonymous).is_none(), "without a build id");
}

#[test]
fn a_link_that_leaves_its_directory_is_refused() {
    for name in ["../evil.debug", "/etc/passwd", ""] {
        let image = Fixture::new().with(".gnu_debuglink", 0, debug_link(name)).image();
        assert_eq!(super::debug_link(&image), None, "{name:?}");
    }
}
