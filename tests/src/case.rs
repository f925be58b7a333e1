//! A test case, the JDKs it runs on, and what it is given.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;

use crate::jdk::{Jdk, Jdks};
use crate::jvm::Launch;
use crate::{paths, programs};

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For every submission: expensive cases run on one JDK each, in turn.
    Short,
    /// Every case on every JDK.
    Full,
}

impl Form {
    /// `PYRITE_E2E=short|full`; full unless said otherwise.
    pub fn from_environment() -> anyhow::Result<Form> {
        match std::env::var("PYRITE_E2E").as_deref() {
            Ok("short") => Ok(Form::Short),
            Ok("full") | Err(_) => Ok(Form::Full),
            Ok(other) => bail!("PYRITE_E2E={other}: it is short or full"),
        }
    }
}

/// On which JDKs a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matrix {
    /// On each, in both forms.
    Each,
    /// On each in the full form, on one in the short form; consecutive cases take consecutive JDKs.
    Rotated,
}

/// The body of a case.
pub type Body = Arc<dyn Fn(&Scene) -> anyhow::Result<()> + Send + Sync>;

/// One test case, before it is set against the JDKs.
#[derive(Clone)]
pub struct Case {
    name: String,
    matrix: Matrix,
    oldest_major: u32,
    alone: bool,
    body: Body,
}

impl Case {
    /// A case that runs on each JDK.
    pub fn each(name: &str, body: impl Fn(&Scene) -> anyhow::Result<()> + Send + Sync + 'static) -> Case {
        Case { name: name.to_owned(), matrix: Matrix::Each, oldest_major: 0, alone: false, body: Arc::new(body) }
    }

    /// A case that is too dear to run on each JDK for every submission.
    pub fn rotated(name: &str, body: impl Fn(&Scene) -> anyhow::Result<()> + Send + Sync + 'static) -> Case {
        Case { matrix: Matrix::Rotated, ..Case::each(name, body) }
    }

    /// The same case with nothing else of ours running beside it.
    #[must_use]
    pub fn alone(self) -> Case {
        Case { alone: true, ..self }
    }

    /// The same case for JDKs of this major version and later only.
    #[must_use]
    pub fn since(self, oldest_major: u32) -> Case {
        Case { oldest_major, ..self }
    }
}

/// A case on one JDK.
pub struct Scene {
    /// The name of the case with the JDK.
    pub name: String,
    /// The JDK under test.
    pub jdk: Jdk,
    /// How much is run.
    pub form: Form,
    /// Whether nothing else of ours may run beside it.
    pub alone: bool,
    jdks: Arc<Jdks>,
}

impl Scene {
    /// A test program, without the agent.
    pub fn launch(&self, program: &str, arguments: &[&str]) -> anyhow::Result<Launch> {
        Ok(Launch::new(&self.jdk, programs::classes(&self.jdks)?, program, arguments))
    }

    /// A test program under the agent.
    pub fn launch_profiled(&self, program: &str, arguments: &[&str], server: &str) -> anyhow::Result<Launch> {
        Ok(self.launch(program, arguments)?.agent(&paths::agent()?, server))
    }

    /// Where the recordings of this case are kept for the judges.
    pub fn recordings(&self) -> PathBuf {
        recordings().join(self.name.replace([' ', ':', '[', ']'], "_"))
    }
}

/// Where all recordings of a run of the suite are kept.
pub fn recordings() -> PathBuf {
    paths::target_dir().join("e2e-recordings")
}

/// Sets the cases against the JDKs.
pub fn scenes(cases: &[Case], jdks: &Arc<Jdks>, form: Form) -> Vec<(Scene, Body)> {
    let mut scenes = Vec::new();
    let mut turn = 0;
    for case in cases {
        let fitting: Vec<&Jdk> = jdks.0.iter().filter(|jdk| jdk.major >= case.oldest_major).collect();
        let one = case.matrix == Matrix::Rotated && form == Form::Short && !fitting.is_empty();
        let chosen = if one {
            turn += 1;
            vec![fitting[(turn - 1) % fitting.len()]]
        } else {
            fitting
        };
        for jdk in chosen {
            let name = format!("{} [jdk {}]", case.name, jdk.major);
            let scene = Scene { name, jdk: jdk.clone(), form, alone: case.alone, jdks: jdks.clone() };
            scenes.push((scene, case.body.clone()));
        }
    }
    scenes
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::{Case, Form, scenes};
    use crate::jdk::{Jdk, Jdks};

    fn names(form: Form) -> Vec<String> {
        let jdk = |major| Jdk { home: PathBuf::new(), major, version: String::new() };
        let jdks = Arc::new(Jdks(vec![jdk(11), jdk(17), jdk(21)]));
        let cases =
            [Case::each("a", |_| Ok(())).since(17), Case::rotated("b", |_| Ok(())), Case::rotated("c", |_| Ok(()))];
        scenes(&cases, &jdks, form).into_iter().map(|(scene, _)| scene.name).collect()
    }

    #[test]
    fn the_short_form_takes_turns() {
        assert_eq!(names(Form::Short), ["a [jdk 17]", "a [jdk 21]", "b [jdk 11]", "c [jdk 17]"]);
    }

    #[test]
    fn the_full_form_runs_everything_everywhere() {
        assert_eq!(names(Form::Full).len(), 2 + 3 + 3);
    }
}
