//! JavaScript, by QuickJS. The context lives for one call; it has the language and `console.log`, as on the real server, and nothing else.
//!
//! What the real server's interpreter (goja) makes of a result when it turns it into a Go value is copied: keys are sorted, `undefined` becomes `null`,
//! `toJSON` is not asked, and a function or a `NaN` inside of an object leaves no answer at all.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::function::{Func, Rest};
use rquickjs::{CatchResultExt, CaughtError, Coerced, Context, Ctx, Error, Exception, Object, Runtime, Value as JsValue};

use super::job::Ran;
use super::number::result_text;
use super::{CODE_NAME, MEMORY};
use crate::local::gojson::{self, Value};

/// How deep code may recurse, in bytes: the most that rquickjs takes, which reads more than that as no limit.
pub(super) const STACK: usize = 16 << 20;
/// What QuickJS has and goja lacks: code that uses it would fail on the real server.
const ABSENT: [&str; 16] = [
    "AsyncDisposableStack",
    "Atomics",
    "DOMException",
    "DisposableStack",
    "FinalizationRegistry",
    "Float16Array",
    "InternalError",
    "Iterator",
    "SharedArrayBuffer",
    "SuppressedError",
    "WeakRef",
    "atob",
    "btoa",
    "navigator",
    "performance",
    "queueMicrotask",
];
/// Deeper results are refused.
const DEEPEST: usize = 200;

type Printed = Rc<RefCell<String>>;

/// Runs the code with the request as `INPUT`.
pub(super) fn run(code: &str, input: &Value) -> Ran {
    let printed = Printed::default();
    let result = context().map_err(|error| error.to_string()).and_then(|context| {
        context.with(|ctx| match called(&ctx, code, input, &printed).catch(&ctx) {
            Ok(result) => result.text(&ctx),
            Err(error) => Err(explained(&error)),
        })
    });
    let printed = printed.take();
    Ran { printed, result }
}

fn context() -> rquickjs::Result<Context> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(MEMORY);
    runtime.set_max_stack_size(STACK);
    Context::full(&runtime)
}

fn called<'js>(ctx: &Ctx<'js>, code: &str, input: &Value, printed: &Printed) -> rquickjs::Result<Returned<'js>> {
    let console = Object::new(ctx.clone())?;
    let printed = Rc::clone(printed);
    let log = move |ctx: Ctx<'js>, values: Rest<Coerced<String>>| {
        let mut printed = printed.borrow_mut();
        let line = values.0.into_iter().map(|value| value.0).collect::<Vec<_>>().join(" ");
        if printed.len() + line.len() > MEMORY / 4 {
            return Err(Exception::throw_range(&ctx, "too much was printed"));
        }
        printed.push_str(&line);
        printed.push('\n');
        Ok(())
    };
    console.set("log", Func::from(log))?;
    ctx.globals().set("console", console)?;
    ctx.globals().set("INPUT", to_js(ctx, input)?)?;
    for name in ABSENT {
        ctx.globals().remove(name)?;
    }
    let date: JsValue = ctx.globals().get("Date")?;
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(format!("{CODE_NAME}.js"));
    let value = ctx.eval_with_options(code, options)?;
    Ok(Returned { value, date })
}

fn to_js<'js>(ctx: &Ctx<'js>, value: &Value) -> rquickjs::Result<JsValue<'js>> {
    Ok(match value {
        Value::Null => JsValue::new_null(ctx.clone()),
        Value::Bool(value) => JsValue::new_bool(ctx.clone(), *value),
        Value::Number(literal) => JsValue::new_number(ctx.clone(), literal.parse().unwrap_or_default()),
        Value::String(text) => rquickjs::String::from_str(ctx.clone(), text)?.into_value(),
        Value::Array(items) => {
            let array = rquickjs::Array::new(ctx.clone())?;
            for (index, item) in items.iter().enumerate() {
                array.set(index, to_js(ctx, item)?)?;
            }
            array.into_value()
        }
        Value::Object(pairs) => {
            let object = Object::new(ctx.clone())?;
            for (key, value) in pairs {
                object.set(key.as_str(), to_js(ctx, value)?)?;
            }
            object.into_value()
        }
    })
}

/// What the code came to, and the class of dates as it was before the code could touch it.
struct Returned<'js> {
    value: JsValue<'js>,
    date: JsValue<'js>,
}

/// Why there is no value to send.
enum NoValue {
    /// What JSON cannot hold; the real server answers with nothing.
    NotJson,
    Refused(String),
    Threw(Error),
}

impl From<Error> for NoValue {
    fn from(error: Error) -> Self {
        Self::Threw(error)
    }
}

impl<'js> Returned<'js> {
    /// The result as the real server's workers write it.
    fn text(&self, ctx: &Ctx<'js>) -> Result<String, String> {
        let written = match &self.value {
            value if value.is_undefined() || value.is_null() => return Ok(String::new()),
            value if value.is_promise() => {
                Err(NoValue::Refused("handle returned a promise, and nobody waits for it: return the value".into()))
            }
            value if value.is_function() => Err(NoValue::Refused("handle returned a function".into())),
            value => match value.as_number() {
                Some(number) => return Ok(result_text(number)),
                None => self.export(value, 0),
            },
        };
        match written {
            Ok(Value::String(text)) => Ok(text),
            Ok(Value::Bool(value)) => Ok(value.to_string()),
            Ok(value) => {
                let mut json = Vec::new();
                Ok(value.write(&mut json).map_or_else(String::new, |()| gojson::text(&json)))
            }
            Err(NoValue::NotJson) => Ok(String::new()),
            Err(NoValue::Refused(reason)) => Err(reason),
            Err(NoValue::Threw(error)) => Err(explained(&CaughtError::from_error(ctx, error))),
        }
    }

    fn export(&self, value: &JsValue<'js>, depth: usize) -> Result<Value, NoValue> {
        if depth > DEEPEST {
            return Err(NoValue::NotJson);
        }
        if let Some(number) = value.as_number() {
            return Ok(Value::Number(format!("{number:e}")));
        }
        if let Some(value) = value.as_bool() {
            return Ok(Value::Bool(value));
        }
        if value.is_string() {
            return Ok(Value::String(string(value)?));
        }
        if value.is_big_int() {
            return Ok(Value::Number(value.get::<Coerced<String>>()?.0));
        }
        if value.is_function() {
            return Err(NoValue::NotJson);
        }
        if let Some(array) = value.as_array() {
            let items = array.iter::<JsValue>().map(|item| self.export(&item?, depth + 1));
            return Ok(Value::Array(items.collect::<Result<_, _>>()?));
        }
        match value.as_object() {
            Some(object) if object.is_instance_of(&self.date) => Ok(Value::String(moment(object)?)),
            Some(object) => self.object(object, depth),
            None => Ok(Value::Null),
        }
    }

    fn object(&self, object: &Object<'js>, depth: usize) -> Result<Value, NoValue> {
        let mut pairs = Vec::new();
        for property in object.props::<String, JsValue>() {
            let (key, value) = property?;
            pairs.push((key, self.export(&value, depth + 1)?));
        }
        Ok(Value::Object(pairs))
    }
}

/// A text; what is not well-formed in it becomes replacement characters.
fn string(value: &JsValue<'_>) -> rquickjs::Result<String> {
    match value.get::<String>() {
        Err(Error::Utf8(_)) => {
            let repaired: rquickjs::Function = value.ctx().eval("(text) => text.toWellFormed()")?;
            repaired.call((value.clone(),))
        }
        text => text,
    }
}

/// A time as Go writes it: no zeros at the end of the fraction.
fn moment(date: &Object<'_>) -> rquickjs::Result<String> {
    let to_iso: rquickjs::Function = date.get("toISOString")?;
    let text: String = to_iso.call((rquickjs::function::This(date.clone()),))?;
    let whole = text.trim_end_matches('Z');
    let shortened = if whole.contains('.') { whole.trim_end_matches('0').trim_end_matches('.') } else { whole };
    Ok(format!("{shortened}Z"))
}

/// What was thrown, with its place in the code.
fn explained(error: &CaughtError<'_>) -> String {
    match error {
        CaughtError::Exception(exception) => {
            let name: Option<String> = exception.as_object().get("name").ok();
            let stack = exception.stack().unwrap_or_default();
            let place = stack.lines().find_map(place).map(|place| format!(" at {place}")).unwrap_or_default();
            let message = exception.message().unwrap_or_default();
            if message == "out of memory" {
                return format!("not enough memory: a function may use {} MB", MEMORY >> 20);
            }
            format!("{}: {message}{place}", name.unwrap_or_else(|| "Error".to_owned()))
        }
        CaughtError::Value(value) if value.is_null() => format!("not enough memory: a function may use {} MB", MEMORY >> 20),
        CaughtError::Value(value) => value.get::<Coerced<String>>().map_or_else(|_| "something was thrown".to_owned(), |text| text.0),
        CaughtError::Error(error) => error.to_string(),
    }
}

/// The place in the function's code that a line of a stack names: `    at handle (function.js:1:25)`.
fn place(line: &str) -> Option<&str> {
    let at = line.find(CODE_NAME)?;
    Some(line[at..].trim_end_matches(')'))
}
