//! The numbers that a correlation's measure is compared with.
//!
//! In: `10`, `-0.5` or `"10"`. Out: a number. The specification has whole numbers, and fractions in
//! its prose on averages; a number in quotes is one, as it is for pySigma.

use crate::rule::Number;
use crate::yaml::{Resolved, Scalar, Schema};

/// The finite number that a scalar is, in quotes or not.
pub(super) fn number<'s>(scalar: &Scalar<'s>) -> Option<Number<'s>> {
    let plain = Scalar {
        text: scalar.text.clone(),
        plain: true,
        tag: None,
    };
    match plain.resolve(Schema::Core) {
        Resolved::Number(number) if number.value.is_finite() => Some(number),
        _ => None,
    }
}
