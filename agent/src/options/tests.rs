//! The whole way from sources to options, and the properties of the table.

use super::spec::env_name;
use super::*;

/// What each source holds, in the shortest form to write.
#[derive(Default)]
struct Given {
    agent: &'static str,
    properties: Vec<(&'static str, &'static str)>,
    env: Vec<(&'static str, &'static str)>,
    file: Option<Result<&'static str, &'static str>>,
}

impl Given {
    fn agent(text: &'static str) -> Self {
        Self { agent: text, ..Self::default() }
    }

    fn parse(&self) -> Parsed {
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let sources = Sources {
            agent_string: self.agent,
            system_properties: &map(&self.properties),
            env: &map(&self.env),
            file: self.file,
            random: 0xabc,
        };
        parse(&sources)
    }

    /// For cases that are not about the name: without the line that asks for one.
    fn parse_named(&self) -> Parsed {
        let mut parsed = self.parse();
        parsed.warnings.retain(|line| !line.starts_with("pyroscope.application.name is not set"));
        parsed
    }
}

fn labels(parsed: &Parsed) -> Vec<(&str, &str)> {
    parsed.options.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
}

#[test]
fn the_stronger_source_wins_key_by_key() {
    let mut given = Given {
        agent: "application.name=agent,profiling.interval=1ms",
        properties: vec![("pyroscope.application.name", "property"), ("pyroscope.upload.interval", "2s")],
        env: vec![
            ("PYROSCOPE_APPLICATION_NAME", "env"),
            ("PYROSCOPE_UPLOAD_INTERVAL", "3s"),
            ("PYROSCOPE_TENANT_ID", "t"),
        ],
        file: Some(Ok("pyroscope.application.name=file\nPYROSCOPE_LOG_LEVEL=debug\npyroscope.tenant.id=f\nspring.x=y")),
    };
    let parsed = given.parse();
    let options = &parsed.options;
    assert_eq!(parsed.warnings, Vec::<String>::new());
    assert_eq!((options.application_name.as_str(), options.interval_ns), ("agent", 1_000_000));
    assert_eq!((options.upload_interval_ns, options.tenant_id.as_deref()), (2_000_000_000, Some("t")));
    assert_eq!(options.log_level, Level::Debug);
    assert_eq!(
        parsed.set[0],
        SetOption { key: "pyroscope.application.name", shown: "agent".into(), source: SourceName::AgentString }
    );
    given.agent = "";
    assert_eq!(given.parse().options.application_name, "property");
    given.properties.clear();
    assert_eq!(given.parse().options.application_name, "env");
    given.env.clear();
    assert_eq!(given.parse().options.application_name, "file");
}

#[test]
fn labels_merge_and_the_stronger_source_wins_by_name() {
    let given = Given {
        agent: r"labels=a=agent\,b=agent,labels.c=agent,pyroscope.labels.c=later",
        properties: vec![("pyroscope.labels", "a=property,d=property"), ("pyroscope.labels.env", "production")],
        env: vec![("PYROSCOPE_LABELS", "e=env,a=env"), ("PYROSCOPE_LABELS_MY_ZONE", "1 a")],
        file: Some(Ok("pyroscope.application.name = bank{f=name, a=name}\npyroscope.labels=f=file")),
    };
    let parsed = given.parse();
    assert_eq!(parsed.warnings, Vec::<String>::new());
    assert_eq!(parsed.options.application_name, "bank");
    assert_eq!(
        labels(&parsed),
        [
            ("a", "agent"),
            ("b", "agent"),
            ("c", "later"),
            ("d", "property"),
            ("e", "env"),
            ("env", "production"),
            ("f", "file"),
            ("my_zone", "1 a"),
        ]
    );
}

#[test]
fn an_illegal_label_costs_only_itself() {
    let parsed = Given::agent(r"labels=a\,b=1\,__x=2,labels.c-d=3,labels.e={").parse_named();
    assert_eq!(labels(&parsed), [("b", "1")]);
    assert_eq!(parsed.warnings.len(), 4);
    assert!(
        parsed.warnings.contains(
            &"pyroscope.labels.e={ (agent string): a value must not contain , { } or control characters; ignored"
                .to_owned()
        )
    );
}

/// An agent string, and the line it must give.
const BAD_VALUES: &[(&str, &str)] = &[
    (
        "profiler.event=perf",
        "pyroscope.profiler.event=perf (agent string): allowed is itimer, ctimer, cpu, wall, alloc or lock; using the default ctimer",
    ),
    (
        "profiling.interval=10x",
        "pyroscope.profiling.interval=10x (agent string): allowed is a duration from 100us to 1s, such as 10ms; a bare number is nanoseconds; using the default 10ms",
    ),
    (
        "profiling.interval=10",
        "pyroscope.profiling.interval=10 (agent string): allowed is a duration from 100us to 1s, such as 10ms; a bare number is nanoseconds; using the default 10ms",
    ),
    ("profiling.interval=1us", "pyroscope.profiling.interval=1us (agent string): the minimum is 100us; using that"),
    (
        "server.address=ftp://me:pw@h",
        "pyroscope.server.address=ftp://***@h (agent string): allowed is an http:// or https:// URL; using the default http://localhost:4040",
    ),
    (
        "upload.interval=never",
        "pyroscope.upload.interval=never (agent string): allowed is a duration from 100ms to 30m, such as 10s; a bare number is nanoseconds; using the default 10s",
    ),
    (
        "java.stack.depth.max=99999",
        "pyroscope.java.stack.depth.max=99999 (agent string): the maximum is 2048; using that",
    ),
    (
        "http.headers=oops-secret",
        "pyroscope.http.headers=*** (agent string): allowed is a JSON object of strings, such as {\"X-Team\":\"payments\"}, without Content-* and Transfer-Encoding; ignored",
    ),
    (
        "format=otlp",
        "pyroscope.format=otlp (agent string): allowed is jfr (otlp is not supported); using the default jfr",
    ),
    ("application.name=my app", "pyroscope.application.name=my app (agent string): using my_app"),
    (
        "agent.enabled=maybe",
        "pyroscope.agent.enabled=maybe (agent string): allowed is true or false; using the default true",
    ),
    ("basic.auth.user=u", "pyroscope.basic.auth.user needs pyroscope.basic.auth.password; ignored"),
];

#[test]
fn a_bad_value_is_one_line_that_says_what_is_allowed_and_the_default() {
    for &(agent, line) in BAD_VALUES {
        let parsed = Given::agent(agent).parse_named();
        assert_eq!(parsed.warnings, [line], "{agent}");
    }
    let options =
        Given::agent("profiler.event=perf,profiling.interval=10x,server.address=x,upload.interval=y").parse().options;
    assert_eq!(Options { application_name: String::new(), ..options }, Options::default());
}

#[test]
fn an_empty_value_means_the_default_against_a_weaker_source() {
    let given =
        Given { agent: "profiling.interval=", env: vec![("PYROSCOPE_PROFILING_INTERVAL", "1ms")], ..Given::default() };
    let parsed = given.parse_named();
    assert_eq!((parsed.options.interval_ns, parsed.warnings.len()), (10_000_000, 0));
    assert!(!parsed.is_set("pyroscope.profiling.interval"));
}

#[test]
fn an_unknown_key_names_the_nearest_one_in_the_same_spelling() {
    let given = Given {
        agent: "aplication.name=x",
        properties: vec![("pyroscope.uplod.interval", "1s"), ("java.home", "/x")],
        env: vec![("PYROSCOPE_TENANT", "x"), ("PYROSCOPE_COLOUR", "x"), ("PATH", "x"), ("pyroscope.colour", "x")],
        ..Given::default()
    };
    assert_eq!(
        given.parse_named().warnings,
        [
            "aplication.name (agent string) is not an option; did you mean application.name?",
            "pyroscope.uplod.interval (system property) is not an option; did you mean pyroscope.upload.interval?",
            "PYROSCOPE_TENANT (environment) is not an option; did you mean PYROSCOPE_TENANT_ID?",
            "PYROSCOPE_COLOUR (environment) is not an option; see docs/options.md for all of them",
        ]
    );
}

#[test]
fn the_variables_of_a_kubernetes_service_are_no_options() {
    let names = [
        "PYROSCOPE_SERVICE_HOST",
        "PYROSCOPE_SERVICE_PORT",
        "PYROSCOPE_SERVICE_PORT_HTTP2",
        "PYROSCOPE_PORT",
        "PYROSCOPE_PORT_4040_TCP",
        "PYROSCOPE_PORT_4040_TCP_ADDR",
        "PYROSCOPE_DISTRIBUTOR_SERVICE_HOST",
    ];
    let given = Given { env: names.iter().map(|name| (*name, "tcp://10.0.0.1:4040")).collect(), ..Given::default() };
    assert_eq!(given.parse_named().warnings, Vec::<String>::new());
}

#[test]
fn a_piece_of_a_secret_cut_off_by_a_comma_is_not_shown() {
    let parsed = Given::agent(r#"http.headers={"A":"b","Authorization":"Basic c2VjcmV0=="},auth.token=t0ken,hidden"#)
        .parse_named();
    assert_eq!(parsed.warnings.len(), 3);
    let text = format!("{parsed:?}");
    for piece in ["c2Vj", "hidden", "Authorization", "t0ken"] {
        assert!(!text.contains(piece), "{piece} in {text}");
    }
}

#[test]
fn no_secret_is_in_the_debug_text() {
    let parsed = Given::agent(
        r#"auth.token=s3cret1,basic.auth.user=u,basic.auth.password=s3cret2,http.headers={"A":"s3cret3"},server.address=https://u:s3cret4@h/?k=s3cret5"#,
    )
    .parse();
    assert_eq!(parsed.options.auth_token.as_ref().map(Secret::expose), Some("s3cret1"));
    assert_eq!(parsed.options.server_address.url().password(), Some("s3cret4"));
    assert!(!format!("{parsed:?}").contains("s3cret"));
}

#[test]
fn a_known_key_without_effect_says_so_unless_it_has_its_default() {
    let parsed = Given::agent("tmp.dir=/x,profiler.lock=10ms,gc.before.dump=false,profiler.alloc=1k").parse_named();
    assert_eq!(
        parsed.warnings,
        [
            "pyroscope.profiler.alloc=1k (agent string): the minimum is 16k; using that",
            "pyroscope.profiler.alloc=1k (agent string): accepted, but it has no effect yet",
            "pyroscope.profiler.lock=10ms (agent string): accepted, but it has no effect yet",
            "pyroscope.tmp.dir=/x (agent string): it has no effect: the agent writes no temporary files",
        ]
    );
    assert_eq!(parsed.options.alloc_interval_bytes, Some(16_384));
    assert_eq!(parsed.options.lock_threshold_ns, Some(10_000_000));
}

#[test]
fn zero_means_the_default_for_alloc_and_every_wait_for_lock() {
    let options = Given::agent("profiler.alloc=0,profiler.lock=0,profiler.wall=off,alloc.live=true").parse().options;
    assert_eq!(
        (options.alloc_interval_bytes, options.lock_threshold_ns, options.wall_interval_ns),
        (Some(524_288), Some(0), None)
    );
    assert!(options.alloc_live);
    assert!(!Given::agent("alloc.live=true").parse().options.alloc_live);
}

#[test]
fn without_a_name_one_is_made_up() {
    let parsed = Given::default().parse();
    assert_eq!(parsed.options.application_name, "javaspy.00000000000000000000000000000abc");
    assert_eq!(parsed.warnings.len(), 1);
    assert_eq!(labels::legal_application_name(&parsed.options.application_name), parsed.options.application_name);
    assert!(Given::agent("application.name={a=b}").parse().options.application_name.starts_with("javaspy."));
}

#[test]
fn the_adhoc_address_goes_before_the_other() {
    let options = Given::agent("adhoc.server.address=http://a,server.address=http://b").parse().options;
    assert_eq!(options.server_address.to_string(), "http://a");
}

#[test]
fn limits_may_be_lifted_as_in_pyroscope_java() {
    let options = Given::agent("ingest.max.tries=-1,push.queue.capacity=8,export.compression.level.jfr=NO_COMPRESSION")
        .parse()
        .options;
    assert_eq!((options.ingest_max_tries, options.queue_capacity, options.compression_level_jfr), (None, Some(8), 0));
}

#[test]
fn the_properties_file_is_found_and_its_failure_is_one_line() {
    let (properties, env) =
        (BTreeMap::new(), BTreeMap::from([("PYROSCOPE_CONFIGURATION_FILE".to_owned(), "/etc/p".to_owned())]));
    let mut sources = Sources { agent_string: "", system_properties: &properties, env: &env, file: None, random: 0 };
    assert_eq!(configuration_file(&sources), ConfigurationFile { path: "/etc/p".into(), explicit: true });
    sources.file = Some(Err("No such file"));
    assert!(parse(&sources).warnings.contains(
        &"PYROSCOPE_CONFIGURATION_FILE=/etc/p: No such file; allowed is the path of a readable properties file; going on without it"
            .to_owned()
    ));
    sources = Sources { env: &properties, file: None, ..sources };
    assert_eq!(
        configuration_file(&sources),
        ConfigurationFile { path: "pyroscope.properties".into(), explicit: false }
    );
}

#[test]
fn keys_of_the_table_are_unique_legal_and_documented() {
    let mut keys: Vec<_> = OPTIONS.iter().map(|spec| spec.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), OPTIONS.len());
    for spec in OPTIONS {
        let bare = spec.key.strip_prefix("pyroscope.").expect(spec.key);
        // Only lower case and dots: every other spelling of the key can then be turned back into it.
        assert!(
            bare.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase())),
            "{}",
            spec.key
        );
        assert!(spec.doc.ends_with('.') && !spec.doc.contains("  "), "{}: {:?}", spec.key, spec.doc);
        assert!(!spec.allowed.is_empty() && !spec.allowed.ends_with('.'), "{}", spec.key);
    }
}

#[test]
fn every_default_is_legal_and_sets_what_the_empty_options_have() {
    for spec in OPTIONS.iter().filter(|spec| !spec.default.is_empty()) {
        let mut options = Options::default();
        assert_eq!((spec.set)(&mut options, spec.default), Ok(None), "{}", spec.key);
        assert_eq!(options, Options::default(), "{}", spec.key);
    }
    let defaults = Options::default();
    assert_eq!(
        (defaults.event, defaults.interval_ns, defaults.upload_interval_ns),
        (EngineName::Ctimer, 10_000_000, 10_000_000_000)
    );
    assert_eq!(
        (defaults.stack_depth_max, defaults.queue_bytes, defaults.shutdown_timeout_ns),
        (2_048, 16 << 20, 3_000_000_000)
    );
    assert_eq!(
        (defaults.wall_interval_ns, defaults.log_level, defaults.agent_enabled),
        (Some(50_000_000), Level::Info, true)
    );
}

/// Every key of pyroscope-java 2.9.2's configuration class, in the form of its environment variables.
const INCUMBENT_KEYS: &str = "ADHOC_SERVER_ADDRESS AGENT_ENABLED ALLOC_LIVE APPLICATION_NAME AP_EXTRA_ARGUMENTS AP_LOG_LEVEL \
    AUTH_TOKEN BASIC_AUTH_PASSWORD BASIC_AUTH_USER CONFIGURATION_FILE EXPORT_COMPRESSION_LEVEL_JFR EXPORT_COMPRESSION_LEVEL_LABELS \
    FORMAT GC_BEFORE_DUMP HTTP_HEADERS INGEST_MAX_TRIES JAVA_STACK_DEPTH_MAX JFR_PROFILER_SETTINGS LABELS LOG_LEVEL PROFILER_ALLOC \
    PROFILER_EVENT PROFILER_LOCK PROFILER_TYPE PROFILE_EXPORT_TIMEOUT PROFILING_INTERVAL PUSH_QUEUE_CAPACITY SAMPLING_DURATION \
    SAMPLING_EVENT_ORDER SAMPLING_RATE SERVER_ADDRESS TENANT_ID TMP_DIR UPLOAD_INTERVAL";

#[test]
fn every_key_of_pyroscope_java_is_known() {
    for name in INCUMBENT_KEYS.split_whitespace() {
        let name = format!("PYROSCOPE_{name}");
        assert!(OPTIONS.iter().any(|spec| env_name(spec.key) == name), "{name}");
    }
}

#[test]
fn the_documentation_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/options.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, markdown()).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(page == markdown(), "docs/options.md is stale: run this test with UPDATE_GOLDEN=1");
}

proptest::proptest! {
    #[test]
    fn no_input_is_too_strange(agent in "[ -~\\n]{0,80}", key in "[a-z._]{0,30}", value in "\\PC{0,40}", file in "\\PC{0,120}") {
        let properties = BTreeMap::from([(format!("pyroscope.{key}"), value.clone())]);
        let env = BTreeMap::from([(format!("PYROSCOPE_{}", key.to_uppercase()), value)]);
        let sources = Sources { agent_string: &agent, system_properties: &properties, env: &env, file: Some(Ok(&file)), random: 1 };
        let parsed = parse(&sources);
        proptest::prop_assert!(!parsed.options.application_name.is_empty());
    }

    #[test]
    fn any_value_of_any_option_leaves_the_options_in_bounds(row in 0..OPTIONS.len(), value in "[0-9a-z.:/-]{0,12}") {
        let env = BTreeMap::from([(env_name(OPTIONS[row].key), value)]);
        let properties = BTreeMap::new();
        let parsed = parse(&Sources { agent_string: "", system_properties: &properties, env: &env, file: None, random: 1 });
        let o = parsed.options;
        proptest::prop_assert!((100_000..=1_000_000_000).contains(&o.interval_ns));
        proptest::prop_assert!(o.upload_interval_ns >= 100_000_000);
        proptest::prop_assert!((1..=2_048).contains(&o.stack_depth_max));
        proptest::prop_assert!(o.queue_bytes >= 4 << 20 && o.compression_level_jfr <= 9);
    }
}
