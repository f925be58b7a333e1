//! Files that are whole, cut and damaged.

use super::*;

fn upload(recording: &'static [u8]) -> NewUpload {
    NewUpload {
        app: "bank".into(),
        labels: Labels::from_pairs([("env", "test")]),
        from_ns: 5,
        until_ns: 6,
        sample_rate_hz: 100,
        recording: bytes::Bytes::from_static(recording),
        label_snapshot: bytes::Bytes::from_static(b"labels"),
    }
}

#[test]
fn what_is_encoded_is_decoded() {
    let encoded = encode(&upload(b"\x1f\x8bzipped"), &Profile::default());
    let stored = decode(&encoded.bytes).unwrap();
    assert_eq!((stored.recording, stored.label_snapshot), (&b"\x1f\x8bzipped"[..], &b"labels"[..]));
    assert_eq!(stored.header.app, "bank");
    let header = read_header(&*encoded.bytes, encoded.bytes.len() as u64).unwrap();
    assert_eq!(header.fingerprint, upload(b"\x1f\x8bzipped").fingerprint());
}

#[test]
fn a_plain_recording_is_stored_gzipped() {
    let encoded = encode(&upload(b"FLR\0"), &Profile::default());
    let stored = decode(&encoded.bytes).unwrap();
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(stored.recording).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, b"FLR\0");
}

#[test]
fn every_cut_and_every_flipped_byte_is_noticed() {
    let bytes = encode(&upload(b"\x1f\x8bzipped"), &Profile::default()).bytes;
    for cut in 0..bytes.len() {
        assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        assert!(read_header(&bytes[..cut], cut as u64).is_err(), "cut at {cut}");
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        assert!(decode(&flipped).is_err(), "flipped at {at}");
    }
}

#[test]
fn fingerprints_differ_by_body_name_and_labels() {
    let first = upload(b"a");
    let mut other_app = upload(b"a");
    other_app.app = "b".into();
    let mut other_label = upload(b"a");
    other_label.labels = Labels::from_pairs([("env", "prod")]);
    for other in [upload(b"b"), other_app, other_label] {
        assert_ne!(first.fingerprint(), other.fingerprint());
    }
    assert_eq!(first.fingerprint(), upload(b"a").fingerprint());
}
