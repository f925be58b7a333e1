//! A server that refuses or is away: nothing is lost while the program runs, and the program does not notice.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::run::{Run, TIMEOUT};
use e2e::server::{Behaviour, Server};

pub fn cases() -> Vec<Case> {
    vec![
        Case::rotated("delivery::a_refused_upload_is_sent_again", |scene| {
            again(scene, &[Behaviour::Refuse(500), Behaviour::Refuse(503)])
        }),
        Case::rotated("delivery::a_server_that_asks_for_a_pause_gets_it", |scene| {
            again(scene, &[Behaviour::SlowDown(1)])
        }),
        Case::rotated("delivery::an_upload_that_is_refused_for_good_is_counted", refused),
    ]
}

fn again(scene: &Scene, script: &[Behaviour]) -> anyhow::Result<()> {
    let server = Server::scripted(script, Behaviour::Accept)?;
    let launch = scene.launch_profiled("ShortProgram", &["8", "normal"], &server.url)?;
    let finished = launch.option("upload.interval", "1s").run(TIMEOUT)?;
    let attempts = server.attempts()?.len();
    let run = Run::collect(scene, &server, finished)?;
    ensure!(attempts == run.uploads.len() + script.len(), "{attempts} attempts, {} uploads", run.uploads.len());
    run.check_total(0.03)
}

/// 400 means that the server will never take it: sending it again would only keep later ones waiting.
fn refused(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::scripted(&[Behaviour::Refuse(400)], Behaviour::Accept)?;
    let launch = scene.launch_profiled("ShortProgram", &["4", "normal"], &server.url)?;
    let finished = launch.option("upload.interval", "1s").run(TIMEOUT)?;
    let run = Run::collect(scene, &server, finished)?;
    let attempts = server.attempts()?.len();
    ensure!(attempts == run.uploads.len() + 1, "{attempts} attempts, {} uploads", run.uploads.len());
    let refused = run.profile.counter("chunks_refused")?;
    ensure!(refused == 1.0, "{refused} chunks are counted as refused");
    Ok(())
}
