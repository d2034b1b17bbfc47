//! An event as Python has it.
//!
//! In: a mapping of `str` to `None`, `bool`, `int`, `float`, `str`, lists, tuples and mappings. Out: an
//! [`Event`], which reads the objects by serde, without JSON in between. One that may wrap events,
//! `{"Event": {"System": …}}`, is made JSON, which is unwrapped. How deep they may nest is bounded as it
//! is for JSON.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;
use varsigma::Event;

/// As deep as JSON is read.
const MOST_DEPTH: usize = 128;

/// A mapping.
pub enum Given {
    /// It is an event.
    Event(Event<'static>),
    /// It may wrap events: its JSON.
    Wrapped(String),
}

/// Reads an event.
pub fn event(given: &Bound<'_, PyAny>) -> PyResult<Given> {
    if !given.is_instance_of::<PyDict>() && given.cast::<PyMapping>().is_err() {
        return Err(unknown(given, "an event as a mapping, str or bytes").0);
    }
    let object = Object {
        inner: given.clone(),
        depth: 0,
    };
    if is_wrapper(given)? {
        let value = serde_json::Value::deserialize(object).map_err(|error| error.0)?;
        return Ok(Given::Wrapped(value.to_string()));
    }
    let event = Event::deserialize(object).map_err(|error| error.0)?;
    Ok(Given::Event(event))
}

/// Has a mapping a key of those that wrap events?
fn is_wrapper(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    for key in given.try_iter()? {
        let key = key?;
        if let Ok(key) = key.cast::<PyString>()
            && Event::is_wrapped_by(key.to_str()?)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An object of Python that serde reads.
struct Object<'py> {
    inner: Bound<'py, PyAny>,
    depth: usize,
}

/// Why it can't be read, as the exception to raise.
#[derive(Debug)]
struct Failure(PyErr);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(PyValueError::new_err(message.to_string()))
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl<'py> IntoDeserializer<'py, Failure> for Object<'py> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'py> Object<'py> {
    fn below(&self, inner: Bound<'py, PyAny>) -> Result<Self, Failure> {
        if self.depth >= MOST_DEPTH {
            return Err(PyValueError::new_err("the event is nested too deeply").into());
        }
        let depth = self.depth + 1;
        Ok(Self { inner, depth })
    }

    fn list<V: Visitor<'py>>(
        &self,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let items = items
            .map(|item| self.below(item))
            .collect::<Result<Vec<_>, _>>()?;
        visitor.visit_seq(SeqDeserializer::new(items.into_iter()))
    }

    fn map<V: Visitor<'py>>(
        &self,
        pairs: impl Iterator<Item = PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)>>,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let pairs = pairs.map(|pair| {
            let (key, item) = pair?;
            let name = key.cast::<PyString>();
            let name = name.map_err(|_| unknown(&key, "a name of a field as str"))?;
            Ok((name.to_str()?.to_owned(), self.below(item)?))
        });
        let pairs = pairs.collect::<Result<Vec<_>, Failure>>()?;
        visitor.visit_map(MapDeserializer::new(pairs.into_iter()))
    }

    fn integer<V: Visitor<'py>>(&self, visitor: V) -> Result<V::Value, Failure> {
        if let Ok(number) = self.inner.extract::<i64>() {
            return visitor.visit_i64(number);
        }
        if let Ok(number) = self.inner.extract::<u64>() {
            return visitor.visit_u64(number);
        }
        // Larger ones are read as JSON reads them.
        let text = self.inner.str()?;
        let number: serde_json::Result<f64> = serde_json::from_str(text.to_str()?);
        match number {
            Ok(number) => visitor.visit_f64(number),
            Err(_) => Err(not_finite("an integer of more than 308 digits")),
        }
    }
}

impl<'de> Deserializer<'de> for Object<'de> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let given = &self.inner;
        if let Ok(text) = given.cast::<PyString>() {
            return visitor.visit_str(text.to_str()?);
        }
        if given.is_none() {
            return visitor.visit_unit();
        }
        // Before integers, of which a truth is one.
        if let Ok(truth) = given.cast::<PyBool>() {
            return visitor.visit_bool(truth.is_true());
        }
        if given.is_instance_of::<PyInt>() {
            return self.integer(visitor);
        }
        if let Ok(number) = given.cast::<PyFloat>() {
            let number = number.value();
            if number.is_infinite() {
                return Err(not_finite("an infinite one"));
            }
            // Not a number is null.
            return visitor.visit_f64(number);
        }
        if let Ok(map) = given.cast::<PyDict>() {
            return self.map(map.iter().map(Ok), visitor);
        }
        if let Ok(list) = given.cast::<PyList>() {
            return self.list(list.iter(), visitor);
        }
        if let Ok(list) = given.cast::<PyTuple>() {
            return self.list(list.iter(), visitor);
        }
        if let Ok(map) = given.cast::<PyMapping>() {
            let pairs = map.items()?;
            return self.map(pairs.iter().map(|pair| pair.extract()), visitor);
        }
        Err(unknown(given, "a value that JSON has"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

fn not_finite(found: &str) -> Failure {
    let message = format!("expected a number that a float can hold, found {found}");
    PyValueError::new_err(message).into()
}

fn unknown(given: &Bound<'_, PyAny>, expected: &str) -> Failure {
    let kind = given.get_type().name();
    let kind = kind.map_or_else(|_| "another object".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("expected {expected}, found {kind}")).into()
}
