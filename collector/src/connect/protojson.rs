//! Protobuf's JSON form where it differs from serde's: 64-bit numbers are strings, `null` is the default, enums have
//! names, and numbers may be written as strings.
//!
//! Source: the ProtoJSON format page of the protobuf documentation.

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;

/// `null` stands for the default of any field.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Whether a field is left out of the answer.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A number that may come as a string.
struct Number<T>(T);

impl<'de, T: TryFrom<i128>> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NumberVisitor(PhantomData))
    }
}

struct NumberVisitor<T>(PhantomData<T>);

impl<T: TryFrom<i128>> NumberVisitor<T> {
    fn whole<E: de::Error>(value: i128) -> Result<Number<T>, E> {
        T::try_from(value).map(Number).map_err(|_| E::custom(format!("number {value} is out of range")))
    }
}

impl<T: TryFrom<i128>> Visitor<'_> for NumberVisitor<T> {
    type Value = Number<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a 64-bit number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Self::whole(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Self::whole(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        // 1e3 is a whole number to protobuf; the cast is exact below 2^63.
        let exact = value.fract() == 0.0 && value.abs() < 9.2e18;
        if exact { Self::whole(value as i128) } else { Err(E::invalid_value(de::Unexpected::Float(value), &self)) }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.parse::<i128>() {
            Ok(value) => Self::whole(value),
            Err(_) => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
}

/// A 64-bit number as a string.
pub(super) mod int64 {
    use super::*;

    pub fn serialize<S: Serializer>(value: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        Ok(Option::<Number<i64>>::deserialize(from)?.map_or(0, |number| number.0))
    }
}

/// An unsigned 64-bit number as a string.
pub(super) mod uint64 {
    use super::*;

    pub fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        Ok(Option::<Number<u64>>::deserialize(from)?.map_or(0, |number| number.0))
    }
}

/// A 64-bit number that tells "not given" from 0.
pub(super) mod optional_int64 {
    use super::*;

    pub fn serialize<S: Serializer>(value: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        Ok(Option::<Number<i64>>::deserialize(from)?.map(|number| number.0))
    }
}

/// A list of 64-bit numbers.
pub(super) mod int64_list {
    use super::*;

    pub fn serialize<S: Serializer, T: fmt::Display>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(values.len()))?;
        for value in values {
            list.serialize_element(&Text(value))?;
        }
        list.end()
    }

    pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<i128>>(from: D) -> Result<Vec<T>, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: TryFrom<i128>> Visitor<'de> for ListVisitor<T> {
            type Value = Vec<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of 64-bit numbers")
            }

            fn visit_unit<E>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
                let mut values = Vec::new();
                while let Some(number) = list.next_element::<Number<T>>()? {
                    values.push(number.0);
                }
                Ok(values)
            }
        }
        from.deserialize_any(ListVisitor(PhantomData))
    }
}

struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// A floating-point number that is written without a point if it is whole, as Go writes it.
pub(super) mod double {
    use super::*;

    pub fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        if value.fract() == 0.0 && value.abs() < 9e15 {
            to.serialize_i64(*value as i64)
        } else {
            to.serialize_f64(*value)
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(f64),
            Text(String),
        }
        match Option::deserialize(from)? {
            None => Ok(0.0),
            Some(Form::Number(value)) => Ok(value),
            Some(Form::Text(text)) => text.parse().map_err(de::Error::custom),
        }
    }
}

/// The names that the values of an enumeration have in JSON.
pub(super) trait Named {
    const NAMES: &'static [(&'static str, i32)];
}

/// An enumeration as its name, or as a number if it has none.
pub(super) struct EnumName<T>(PhantomData<T>);

impl<T: Named> EnumName<T> {
    pub fn serialize<S: Serializer>(value: &i32, to: S) -> Result<S::Ok, S::Error> {
        match T::NAMES.iter().find(|(_, number)| number == value) {
            Some((name, _)) => to.serialize_str(name),
            None => to.serialize_i32(*value),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
        Ok(OptionalEnumName::<T>::deserialize(from)?.unwrap_or_default())
    }
}

/// An enumeration that may be absent.
pub(super) struct OptionalEnumName<T>(PhantomData<T>);

impl<T: Named> OptionalEnumName<T> {
    pub fn serialize<S: Serializer>(value: &Option<i32>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => EnumName::<T>::serialize(value, to),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(i32),
            Name(String),
        }
        match Option::deserialize(from)? {
            None => Ok(None),
            Some(Form::Number(value)) => Ok(Some(value)),
            Some(Form::Name(name)) => {
                let found = T::NAMES.iter().find(|(known, _)| *known == name);
                found
                    .map(|(_, number)| Some(*number))
                    .ok_or_else(|| de::Error::custom(format!("unknown value {name:?}")))
            }
        }
    }
}

#[cfg(test)]
mod tests;
