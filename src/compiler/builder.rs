//! Setting up a compiler: what is asked for is checked before a rule is read.

#[cfg(feature = "pipelines")]
use super::pipeline::{self, Pipeline};
use super::{Compiler, Error, Targets};
use crate::dialect::Profile;
#[cfg(feature = "pipelines")]
use crate::pipeline::environment::{Closed, Environment};
use crate::schema::Schema;
use crate::transpile::{Request, Transpiler};

/// What a [`Compiler`] is to be like. [`build`](Self::build) checks it.
#[derive(Debug)]
#[must_use = "it does nothing before `build`"]
pub struct CompilerBuilder {
    request: Request,
    targets: Targets,
    schema: Option<String>,
    #[cfg(feature = "pipelines")]
    pipelines: Vec<Pipeline>,
    #[cfg(feature = "pipelines")]
    environment: Box<dyn Environment>,
}

impl CompilerBuilder {
    pub(super) fn new(target: String) -> Self {
        Self {
            request: Request {
                target,
                ..Request::default()
            },
            targets: Targets::built_in(),
            schema: None,
            #[cfg(feature = "pipelines")]
            pipelines: Vec::new(),
            #[cfg(feature = "pipelines")]
            environment: Box::new(Closed),
        }
    }

    /// The output format; the target's first where none is given.
    pub fn format(mut self, name: impl Into<String>) -> Self {
        self.request.format = Some(name.into());
        self
    }

    /// Sets an option of the target. The last value of a name counts.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.settings.push((name.into(), value.into()));
        self
    }

    /// Prints what another converter prints, its faults included.
    pub const fn compat(mut self, profile: Profile) -> Self {
        self.request.profile = profile;
        self
    }

    /// Makes an error of every query that is not exact.
    pub const fn strict(mut self) -> Self {
        self.request.strict = true;
        self
    }

    /// The targets to choose from: those of the program with backend files of your own.
    pub fn targets(mut self, targets: Targets) -> Self {
        self.targets = targets;
        self
    }

    /// The columns of the tables that rules are asked of, as the text of a schema that was exported: a
    /// mapping of Elasticsearch, a table of columns as JSON, a list in TOML and, with the feature
    /// `schemas`, statements of `CREATE TABLE` and tables of columns as CSV.
    pub fn schema(mut self, text: impl Into<String>) -> Self {
        self.schema = Some(text.into());
        self
    }

    /// Adds a pipeline that rules go through: the name of a built-in one, or a [`Pipeline`]. They
    /// are applied by their priority, those of one priority in the order in which they are added.
    #[cfg(feature = "pipelines")]
    pub fn pipeline(mut self, pipeline: impl Into<Pipeline>) -> Self {
        self.pipelines.push(pipeline.into());
        self
    }

    /// What pipelines may reach outside themselves: files, the network, commands. Nothing where none
    /// is given.
    #[cfg(feature = "pipelines")]
    pub fn environment(mut self, environment: impl Environment + 'static) -> Self {
        self.environment = Box::new(environment);
        self
    }

    /// Checks everything, and makes ready what every rule needs.
    ///
    /// # Errors
    /// There is no such target, format, option or pipeline, or a file of them or the schema is wrong.
    pub fn build(self) -> Result<Compiler, Error> {
        let mut transpiler = Transpiler::new(self.targets.registry(), &self.request)?;
        if let Some(text) = &self.schema {
            transpiler = transpiler.with_schema(&Schema::read(text)?);
        }
        #[cfg(feature = "pipelines")]
        if !self.pipelines.is_empty() {
            return pipeline::add(transpiler, self.pipelines, self.environment);
        }
        Ok(Compiler {
            transpiler,
            warnings: Vec::new(),
        })
    }
}
