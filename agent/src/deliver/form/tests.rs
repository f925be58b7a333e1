//! The address and the parts of an upload, against a recorded one.

use super::*;
use std::io::Read;

fn chunk() -> ChunkUpload {
    ChunkUpload {
        jfr: vec![7; 10_000],
        labels: Some(vec![8; 100]),
        from_epoch_ns: 1_795_368_199_900_000_000,
        until_epoch_ns: 1_795_368_201_000_000_000,
        sample_rate_hz: 100,
    }
}

fn packed() -> Packed {
    pack(chunk(), 1, 9, tokio::time::Instant::now())
}

fn unpack(data: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(data).read_to_end(&mut plain).unwrap();
    plain
}

/// The path of a recorded upload of pyroscope-java 2.9.2 to Pyroscope.
const RECORDED: &str = "/ingest?name=bank-order-service%7Benv%3Dproduction%2Cotel.scope.name%3Dcom.grafana.pyroscope%2Fjava%2C\
    otel.scope.version%3D2.9.2%2Cprocess.runtime.name%3DOpenJDK%20Runtime%20Environment%2Cprocess.runtime.version%3D25.0.3%2B9-LTS\
    %2Cregion%3Deu%7D&units=samples&aggregationType=sum&from=1795368199&until=1795368201&spyName=javaspy&sampleRate=100&format=jfr";

#[test]
fn the_address_is_that_of_the_recorded_upload() {
    let labels = [
        ("region", "eu"),
        ("env", "production"),
        ("otel.scope.name", "com.grafana.pyroscope/java"),
        ("otel.scope.version", "2.9.2"),
        ("process.runtime.name", "OpenJDK Runtime Environment"),
        ("process.runtime.version", "25.0.3+9-LTS"),
    ];
    let labels = labels.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let name = series_name("bank-order-service", &labels);
    let url = ingest_url(&Url::parse("http://localhost:4040").unwrap(), &name, &packed());
    assert_eq!(url.as_str(), format!("http://localhost:4040{RECORDED}"));
}

#[test]
fn path_and_query_of_the_server_stay_and_its_user_goes() {
    let server = Url::parse("https://me:pw@host/a/b/?tenant=x").unwrap();
    let url = ingest_url(&server, "ä{l=1 &+%}", &packed());
    assert!(
        url.as_str().starts_with("https://host/a/b/ingest?tenant=x&name=%C3%A4%7Bl%3D1%20%26%2B%25%7D&units="),
        "{url}"
    );
}

#[test]
fn the_parts_are_gzip_files_called_jfr_and_labels() {
    let parts = parts(&packed());
    assert_eq!(
        parts.iter().map(|part| (part.name, part.content_type)).collect::<Vec<_>>(),
        [("jfr", None), ("labels", Some("application/x-protobuf"))]
    );
    assert_eq!(unpack(&parts[0].body), vec![7; 10_000]);
    assert_eq!(unpack(&parts[1].body), vec![8; 100]);
}

#[test]
fn level_0_sends_the_bytes_as_they_are_and_empty_labels_are_no_part() {
    let plain = pack(ChunkUpload { labels: Some(Vec::new()), ..chunk() }, 0, 0, tokio::time::Instant::now());
    assert_eq!(plain.jfr, vec![7; 10_000]);
    assert_eq!(parts(&plain).len(), 1);
}

#[test]
fn a_chunk_that_ends_before_it_begins_is_sent_as_an_instant() {
    let packed = pack(ChunkUpload { until_epoch_ns: 5, ..chunk() }, 1, 1, tokio::time::Instant::now());
    assert_eq!((packed.from_s, packed.until_s), (1_795_368_199, 1_795_368_199));
}
