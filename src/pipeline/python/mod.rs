//! The parts of Python that pySigma's pipelines show through: regular expressions, `str.format`,
//! `json.dumps`, `yaml.safe_dump` and the text of numbers.

pub mod dump_json;
pub mod dump_yaml;
pub mod format;
pub mod regex;
pub mod replacement;
pub mod show;
