//! Reads what swamp wrote as a type, to the letter: no field is unknown, none is missing, and they
//! come in the order of the type. Readers of JSON take fields in any order; people and line-based
//! tools do not.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

/// A JSON document as swamp prints it: two blanks a level, and one newline at its end.
///
/// # Errors
/// It is none, or is laid out in another way.
pub(crate) fn printed(text: &str) -> Result<Value, String> {
    let document: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    laid_out(text, std::slice::from_ref(&document))?;
    Ok(document)
}

/// JSON documents as swamp prints them one after the other.
///
/// # Errors
/// As [`printed`].
pub(crate) fn all_printed(text: &str) -> Result<Vec<Value>, String> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let documents: Vec<Value> = documents
        .collect::<Result<_, _>>()
        .map_err(|e| e.to_string())?;
    laid_out(text, &documents)?;
    Ok(documents)
}

/// Whether `text` is `documents` as swamp lays them out.
fn laid_out(text: &str, documents: &[Value]) -> Result<(), String> {
    let printed: String = documents
        .iter()
        .map(|document| format!("{document:#}\n"))
        .collect();
    if text == printed {
        Ok(())
    } else {
        Err(
            "its JSON is not laid out with two blanks a level and one newline at its end, or a \
             field is there twice"
                .to_owned(),
        )
    }
}

/// A JSON document as swamp writes it into a file: on one line, or as it prints it; with a newline
/// at its end or without.
///
/// # Errors
/// It is none, or is laid out in another way.
pub(crate) fn json(text: &str) -> Result<Value, String> {
    let document: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let known = [format!("{document}"), format!("{document:#}")];
    if known.iter().any(|laid_out| laid_out == line) {
        Ok(document)
    } else {
        Err("its JSON is laid out as swamp never does, or a field is there twice".to_owned())
    }
}

/// A YAML document as swamp writes it: plain values, no comments, and one newline at its end.
///
/// # Errors
/// It is none, or there is more in it than its values.
pub(crate) fn yaml(text: &str) -> Result<Value, String> {
    let told = |e: serde_yaml_ng::Error| e.to_string();
    // It refuses a field that is there twice.
    let document: serde_yaml_ng::Value = serde_yaml_ng::from_str(text).map_err(told)?;
    if !text.ends_with('\n') || text.ends_with("\n\n") {
        return Err("it does not end with one newline".to_owned());
    }
    if text.contains('\r') {
        return Err("there are carriage returns in it".to_owned());
    }
    // Swamp quotes and folds by other rules than the crate: what is left without that must agree.
    let bare = |text: &str| -> String {
        let layout = |c: char| c.is_whitespace() || "'\"\\>|-".contains(c);
        text.chars().filter(|c| !layout(*c)).collect()
    };
    let again = serde_yaml_ng::to_string(&document).map_err(told)?;
    if bare(text) != bare(&again) {
        return Err("there is more in it than its values, such as a comment".to_owned());
    }
    serde_json::to_value(document).map_err(|e| e.to_string())
}

/// A YAML document that swamp wrote into a file, as a `T`.
///
/// # Errors
/// As [`yaml`] and [`read`].
pub(crate) fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    read(&yaml(text)?)
}

/// A JSON document that swamp wrote into a file, as a `T`.
///
/// # Errors
/// As [`json`] and [`read`].
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    read(&json(text)?)
}

/// `document` as a `T`.
///
/// # Errors
/// A field is unknown, missing, of another type, or out of order.
pub(crate) fn read<T: DeserializeOwned>(document: &Value) -> Result<T, String> {
    T::deserialize(InOrder(document)).map_err(|e| format!("{e}, as {}", std::any::type_name::<T>()))
}

/// A value whose fields have to come in the order of the type that it is read as.
#[derive(Clone, Copy)]
struct InOrder<'a>(&'a Value);

impl<'a> InOrder<'a> {
    fn map<V: Visitor<'a>>(map: &'a Map<String, Value>, visitor: V) -> Result<V::Value, Error> {
        let fields = map.iter().map(|(name, value)| (name.as_str(), Self(value)));
        visitor.visit_map(MapDeserializer::new(fields))
    }

    /// Its fields. Visitors take other values for those of an object: a list for the fields of a
    /// struct, null for an empty map.
    fn object(self) -> Result<&'a Map<String, Value>, Error> {
        let told = || serde::de::Error::custom(format!("{} is no object", self.0));
        self.0.as_object().ok_or_else(told)
    }
}

impl<'de> IntoDeserializer<'de, Error> for InOrder<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for InOrder<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Self))),
            Value::Object(map) => Self::map(map, visitor),
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let map = self.object()?;
        let place = |name: &String| fields.iter().position(|field| field == name);
        let places: Vec<usize> = map.keys().filter_map(place).collect();
        if !places.is_sorted() {
            let names: Vec<&str> = map.keys().map(String::as_str).collect();
            return Err(serde::de::Error::custom(format!(
                "its fields come in the order {}, and must in that of {}",
                names.join(", "),
                fields.join(", ")
            )));
        }
        Self::map(map, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        Self::map(self.object()?, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        first: u64,
        #[serde(default)]
        maybe: Option<String>,
        inner: Vec<Inner>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        a: bool,
        b: Value,
    }

    #[test]
    fn fields_come_in_the_order_of_the_type_at_every_level() {
        let told = |text: &str| read::<Outer>(&json(text).unwrap());
        let sound = r#"{"first":1,"maybe":"x","inner":[{"a":true,"b":{"z":1,"a":null}}]}"#;
        assert!(told(sound).is_ok_and(|it| it.inner.len() == 1 && it.first == 1));
        assert!(told(r#"{"first":1,"inner":[]}"#).is_ok());
        for (text, why) in [
            (r#"{"inner":[],"first":1}"#, "the order inner, first"),
            (
                r#"{"first":1,"inner":[{"b":1,"a":true}]}"#,
                "the order b, a",
            ),
            (r#"{"first":1}"#, "missing field `inner`"),
            (r#"{"first":1,"inner":[],"x":1}"#, "unknown field `x`"),
            (r#"{"first":-1,"inner":[]}"#, "-1"),
            (r#"[1,"x",[]]"#, "is no object"),
        ] {
            let told = told(text).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn json_is_laid_out_as_swamp_does_it() {
        assert!(printed("{\n  \"a\": 1\n}\n").is_ok());
        for odd in [
            "{\"a\":1}\n",
            "{\n  \"a\": 1\n}",
            "{\n  \"a\": 1,\n  \"a\": 1\n}\n",
        ] {
            assert!(printed(odd).is_err(), "{odd}");
        }
        // A number whose last digit a quick reader gets wrong.
        assert!(printed("{\n  \"a\": 14.193169000000001\n}\n").is_ok());
        let both = "{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n";
        assert!(all_printed(both).is_ok_and(|them| them.len() == 2));
        assert!(all_printed(&both.replacen('\n', "", 1)).is_err() && printed(both).is_err());
        assert!(json("{\"a\":1}").is_ok() && json("{\n  \"a\": 1\n}\n").is_ok());
        for odd in [
            "{\"a\": 1}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1} ",
            "{\"a\":1}\n\n",
            "",
        ] {
            assert!(json(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn yaml_holds_its_values_and_nothing_else() {
        let sound = "a: 'x # y'\nb: >-\n  long\n  text\nc:\n  - 1\n  - \"it's\"\nd: {}\ne: []\n";
        assert_eq!(yaml(sound).unwrap()["b"], "long text");
        for odd in [
            "a: 1",
            "a: 1\n\n",
            "a: 1\r\n",
            "# x\na: 1\n",
            "a: 1 # x\n",
            "a: 1\na: 1\n",
            "a: &x 1\n",
            "%YAML 1.2\n---\na: 1\n",
            "{a: 1}\n",
        ] {
            assert!(yaml(odd).is_err(), "{odd}");
        }
    }
}
