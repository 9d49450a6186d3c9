//! JavaScript as a script: ES5.1 and what goja has of later editions. Modules, asynchronous generators and `for await` are not among it.

use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    AccessorProperty, AssignmentExpression, AssignmentTarget, BindingIdentifier, Decorator, Expression, ForOfStatement, Function,
    ImportExpression, VariableDeclaration,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::scope::ScopeFlags;

use super::{Handle, Mistake, Outline, Reading, like_handle, shown};

const NO_MODULES: &str = "the workers have no modules: write a plain `function handle(req) { … }` with all that it needs in one file";

pub(super) fn read(text: &str) -> Reading {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::default().with_script(true)).parse();
    let mut seen = Seen::default();
    seen.visit_program(&parsed.program);
    let modules = parsed.program.body.iter().filter(|statement| statement.is_module_declaration());
    seen.unknown.extend(modules.map(|statement| (statement.span(), "this belongs to a module, and there are none here")));
    if let Some((span, what)) = seen.unknown.first().copied() {
        let help = if what.contains("module") { NO_MODULES } else { "the workers run ES5.1 and most of ES6; write it another way" };
        return Err(Mistake { span: shown(text, bytes(span)), message: what.to_owned(), help: Some(help.to_owned()), opened: None });
    }
    if let Some(error) = parsed.diagnostics.iter().next() {
        let at = error.labels.iter().next().map_or(text.len()..text.len(), |label| {
            let start = label.offset() as usize;
            start..start + label.len() as usize
        });
        let span = shown(text, at);
        let modules = matches!(text[span.clone()].split(|c: char| !c.is_alphanumeric()).next(), Some("import" | "export"));
        let help = if modules { Some(NO_MODULES.to_owned()) } else { error.help.as_ref().map(ToString::to_string) };
        if error.message.contains("JSX") {
            let help = Some("put HTML into a text, in quotes or backticks".to_owned());
            return Err(Mistake { span, message: "HTML is no JavaScript".to_owned(), help, opened: None });
        }
        return Err(Mistake { span, message: error.message.to_string(), help, opened: None });
    }
    let handle = if seen.handle { Handle::There } else { Handle::Missing(like_handle(seen.functions.into_iter())) };
    Ok(Outline { handle, ..Outline::default() })
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// What is looked for in the tree.
#[derive(Default)]
struct Seen {
    /// Something is called `handle`, at whatever depth.
    handle: bool,
    functions: Vec<(String, Range<usize>)>,
    /// What goja does not know.
    unknown: Vec<(Span, &'static str)>,
}

impl<'a> Visit<'a> for Seen {
    fn visit_binding_identifier(&mut self, name: &BindingIdentifier<'a>) {
        self.handle |= name.name == "handle";
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        self.handle |= match &assignment.left {
            AssignmentTarget::AssignmentTargetIdentifier(name) => name.name == "handle",
            AssignmentTarget::StaticMemberExpression(member) => {
                let global = match &member.object {
                    Expression::ThisExpression(_) => true,
                    Expression::Identifier(object) => object.name == "globalThis",
                    _ => false,
                };
                global && member.property.name == "handle"
            }
            _ => false,
        };
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        if let Some(name) = &function.id {
            self.functions.push((name.name.to_string(), bytes(name.span)));
        }
        if function.r#async && function.generator {
            self.unknown.push((Span::new(function.span.start, function.span.start + 5), "asynchronous generators do not exist here"));
        }
        walk::walk_function(self, function, flags);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        if statement.r#await {
            self.unknown.push((Span::new(statement.span.start, statement.left.span().start), "`for await` does not exist here"));
        }
        walk::walk_for_of_statement(self, statement);
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        self.unknown.push((import.span, "`import()` loads a module, and there are none here"));
    }

    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        self.unknown.push((decorator.span, "decorators do not exist here"));
    }

    fn visit_accessor_property(&mut self, property: &AccessorProperty<'a>) {
        self.unknown.push((property.span, "`accessor` does not exist here"));
    }

    fn visit_variable_declaration(&mut self, declaration: &VariableDeclaration<'a>) {
        if declaration.kind.is_using() {
            self.unknown.push((declaration.span, "`using` does not exist here"));
        }
        walk::walk_variable_declaration(self, declaration);
    }
}
