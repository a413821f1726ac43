//! What an expression can refer to.

use std::sync::{Arc, Mutex, PoisonError};

use cel::extractors::Arguments;
use cel::{Context, ExecutionError, IdedExpr, Value as Cel};
use serde_json::Value;

use super::value::{self, KeyOrder, Numbers};

/// Variables and functions.
pub struct Scope {
    context: Context<'static, 'static>,
    order: Arc<Mutex<KeyOrder>>,
    numbers: Numbers,
}

impl Scope {
    /// A scope with nothing but CEL's own functions.
    pub fn new(numbers: Numbers) -> Self {
        Self {
            context: Context::default(),
            order: Arc::default(),
            numbers,
        }
    }

    /// Adds a variable.
    pub fn set(&mut self, name: &str, value: &Value) {
        learn(&self.order, value);
        let value = value::to_cel(value, self.numbers);
        self.context.add_variable_from_value(name, value);
    }

    /// Adds a function; its name may be qualified: `data.latest`. What it fails with is the message of the error.
    pub fn function<F>(&mut self, name: &'static str, function: F)
    where
        F: Fn(Vec<Value>) -> Result<Value, String> + Send + Sync + 'static,
    {
        let (order, numbers) = (Arc::clone(&self.order), self.numbers);
        let call = move |Arguments(arguments): Arguments| -> Result<Cel, ExecutionError> {
            let arguments = arguments
                .iter()
                .map(|argument| value::to_json(argument, &KeyOrder::default()))
                .collect();
            let result = function(arguments)
                .map_err(|message| ExecutionError::function_error(name, message))?;
            learn(&order, &result);
            Ok(value::to_cel(&result, numbers))
        };
        // It fails only for a name that CEL has itself, and none of ours is.
        let _ = self.context.add_function(name, call);
    }

    pub(super) fn resolve(&self, expression: &IdedExpr) -> Result<Cel, ExecutionError> {
        Cel::resolve(expression, &self.context)
    }

    pub(super) fn to_json(&self, expression: &IdedExpr, result: &Cel) -> Value {
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        order.learn_literals(expression);
        value::to_json(result, &order)
    }
}

fn learn(order: &Mutex<KeyOrder>, value: &Value) {
    let mut order = order.lock().unwrap_or_else(PoisonError::into_inner);
    order.learn(value);
}
