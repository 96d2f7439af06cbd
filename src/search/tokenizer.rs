//! The analyzer behind tantivy's interface.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::analysis::{Analyzer, Tokens};
use super::fold::fold_into;

/// Folds and analyzes; its buffers live from document to document.
#[derive(Clone)]
pub(crate) struct FoldingTokenizer {
    analyzer: Analyzer,
    folded: String,
    tokens: Tokens,
}

impl FoldingTokenizer {
    pub(crate) fn new(analyzer: Analyzer) -> Self {
        Self { analyzer, folded: String::new(), tokens: Tokens::default() }
    }
}

/// The tokens of one text. Positions count tokens: nothing reads them.
pub(crate) struct Stream<'a> {
    tokens: &'a Tokens,
    next: usize,
    token: Token,
}

impl Tokenizer for FoldingTokenizer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.folded.clear();
        fold_into(text, &mut self.folded);
        self.analyzer.analyze(&self.folded, &mut self.tokens);
        Stream { tokens: &self.tokens, next: 0, token: Token::default() }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(token) = self.tokens.list.get(self.next) else { return false };
        self.token.text.clear();
        self.token.text.push_str(self.tokens.term(token));
        self.token.position = self.next;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
