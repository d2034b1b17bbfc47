//! The page of a rule.

use super::{Compiler, Error, Targets};
use crate::diagnostic::Diagnostic;
use crate::page::{Catalogs, Linked, PageMaker, Renderer, Section, Template};
use crate::transpile::text_of;

/// Makes a page of each rule, as Markdown: what it finds, what it needs, its queries.
///
/// ```
/// use varsigma::{Compiler, Pages};
///
/// let splunk = Compiler::builder("splunk").build()?;
/// let pages = Pages::new([splunk]).modern();
/// let made = pages.make("shell.yml", b"title: Shell
/// tags: [attack.t1059]
/// logsource: {product: windows, category: process_creation}
/// detection: {s: {Image: cmd.exe}, condition: s}
/// ")?;
/// assert!(made.texts[0].starts_with("# Shell"));
/// assert!(made.texts[0].contains("Command and Scripting Interpreter"));
/// # Ok::<(), varsigma::Error>(())
/// ```
#[derive(Debug)]
pub struct Pages {
    maker: PageMaker,
    renderer: Renderer,
    template: Template,
}

/// The pages of a file.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct PageOutput {
    /// A page a rule, in their order; of rules that can't be read there is none.
    pub texts: Vec<String>,
    /// What there is to say of the file, each thing once.
    pub diagnostics: Vec<Diagnostic>,
}

impl Pages {
    /// Pages with a section for the queries of each of these compilers, in the template of the
    /// founding document.
    pub fn new(compilers: impl IntoIterator<Item = Compiler>) -> Self {
        let transpilers = compilers.into_iter().map(|compiler| compiler.transpiler);
        Self::of(transpilers.map(Section::from).collect())
    }

    /// The founding document: Splunk's query in its words, as `varsigma page` makes it where no
    /// target is given.
    ///
    /// # Errors
    /// `VS0603`: the library was built without the feature `compat`.
    pub fn founding() -> Result<Self, Error> {
        let section = Section::founding(Targets::built_in().registry())?;
        Ok(Self::of(vec![section]))
    }

    fn of(sections: Vec<Section>) -> Self {
        Self {
            maker: PageMaker {
                sections,
                catalogs: Catalogs::built_in(),
            },
            renderer: Renderer::default(),
            template: Template::Document,
        }
    }

    /// The same facts as a team wants them today.
    #[must_use]
    pub fn modern(mut self) -> Self {
        self.template = Template::Modern;
        self
    }

    /// A template of your own. By its name's ending, `.md` or `.html`, values are escaped.
    ///
    /// # Errors
    /// `VS0902`: the template can't be compiled.
    pub fn with_template(mut self, name: &str, source: &str) -> Result<Self, Error> {
        let added = self.renderer.add(&format!("own/{name}"), source);
        self.template =
            added.map_err(|error| Error::new(name.to_owned(), source.to_owned(), error))?;
        Ok(self)
    }

    /// Makes the pages of a file. Nothing is read: `path` names the file in messages and on the page,
    /// `bytes` is what it holds.
    ///
    /// # Errors
    /// A template of your own fails on a rule.
    pub fn make(&self, path: &str, bytes: &[u8]) -> Result<PageOutput, Error> {
        let text = text_of(bytes);
        let linked = Linked::of(&[text.as_ref().ok().copied()], &self.maker.sections);
        self.made(path, text, 0, &linked)
    }

    /// The same for several files, whose correlations and filters may reach into one another.
    ///
    /// ```
    /// use varsigma::Pages;
    ///
    /// let made = Pages::founding()?.make_all(&[
    ///     ("shell.yml", b"title: Shell
    /// logsource: {product: windows, category: process_creation}
    /// detection: {s: {Image: cmd.exe}, condition: s}
    /// "),
    ///     ("build.yml", b"title: The build server
    /// logsource: {product: windows}
    /// filter: {rules: any, build: {Computer: build}, condition: not build}
    /// "),
    /// ])?;
    /// assert!(made[0].texts[0].contains("NOT (Computer=\"build\")"));
    /// # Ok::<(), varsigma::Error>(())
    /// ```
    ///
    /// # Errors
    /// A template of your own fails on a rule.
    pub fn make_all(&self, files: &[(&str, &[u8])]) -> Result<Vec<PageOutput>, Error> {
        let texts: Vec<_> = files.iter().map(|(_, bytes)| text_of(bytes)).collect();
        let read: Vec<_> = texts
            .iter()
            .map(|text| text.as_ref().ok().copied())
            .collect();
        let linked = Linked::of(&read, &self.maker.sections);
        let files = files.iter().zip(texts).enumerate();
        let made = files.map(|(file, ((path, _), text))| self.made(path, text, file, &linked));
        made.collect()
    }

    fn made(
        &self,
        path: &str,
        text: Result<&str, Diagnostic>,
        file: usize,
        linked: &Linked<'_>,
    ) -> Result<PageOutput, Error> {
        let made = self.maker.make(path, text, file, linked);
        let pages = made.pages.iter();
        let texts = pages.map(|page| self.renderer.render(&page.model, &self.template));
        Ok(PageOutput {
            texts: texts.collect::<Result<_, _>>()?,
            diagnostics: made.diagnostics,
        })
    }
}
