//! Questions of many that are asked in one: those that come while one is under way are the next one. Who asks alone does not wait.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// The most that are asked at once: more would save little, and those who asked first wait for the last.
const MOST_AT_ONCE: usize = 16;

/// Who waits for an answer, in their order.
pub(crate) struct Gathering<Question, Answer> {
    waiting: Mutex<VecDeque<Waiting<Question, Answer>>>,
    turn: tokio::sync::Mutex<()>,
}

struct Waiting<Question, Answer> {
    question: Question,
    answer: oneshot::Sender<Answer>,
}

impl<Question, Answer> Default for Gathering<Question, Answer> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl<Question, Answer> Gathering<Question, Answer> {
    /// The answer to a question. `ask` is given questions in their order, this one or others, and answers each, or none.
    ///
    /// `None` without an answer: whoever has asked for all has failed, or was dropped in the middle.
    pub(crate) async fn ask<F>(
        &self,
        question: Question,
        ask: impl Fn(Vec<Question>) -> F,
    ) -> Option<Answer>
    where
        F: Future<Output = Option<Vec<Answer>>>,
    {
        let (sender, mut receiver) = oneshot::channel();
        self.waiting().push_back(Waiting {
            question,
            answer: sender,
        });
        loop {
            tokio::select! {
                biased;
                answer = &mut receiver => return answer.ok(),
                _turn = self.turn.lock() => {
                    let (questions, senders) = self.next();
                    if questions.is_empty() {
                        continue;
                    }
                    // Without answers the senders are dropped, which tells whoever waits.
                    let answers = ask(questions).await.unwrap_or_default();
                    for (sender, answer) in senders.into_iter().zip(answers) {
                        // Who does not wait any more has asked in vain.
                        drop(sender.send(answer));
                    }
                }
            }
        }
    }

    /// Those whose turn it is, without those who wait no more.
    fn next(&self) -> (Vec<Question>, Vec<oneshot::Sender<Answer>>) {
        let mut waiting = self.waiting();
        let count = waiting.len().min(MOST_AT_ONCE);
        waiting
            .drain(..count)
            .filter(|one| !one.answer.is_closed())
            .map(|one| (one.question, one.answer))
            .unzip()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting<Question, Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::{sync::Semaphore, task::JoinHandle};

    use super::*;

    /// Answers with the question and how many were asked at once, when it may.
    #[derive(Clone)]
    struct Oracle {
        gathering: Arc<Gathering<u32, (u32, usize)>>,
        may_answer: Arc<Semaphore>,
        is_mute: bool,
    }

    impl Oracle {
        fn new(is_mute: bool) -> Self {
            Self {
                gathering: Arc::default(),
                may_answer: Arc::new(Semaphore::new(0)),
                is_mute,
            }
        }

        /// Asks, in a task of its own that has begun to wait.
        async fn ask(&self, question: u32) -> JoinHandle<Option<(u32, usize)>> {
            let own = self.clone();
            let task = tokio::spawn(async move {
                let answer = |questions: Vec<u32>| {
                    let own = own.clone();
                    async move {
                        own.may_answer.acquire().await.ok()?.forget();
                        let count = questions.len();
                        let answers = questions.into_iter().map(|question| (question, count));
                        (!own.is_mute).then(|| answers.collect())
                    }
                };
                own.gathering.ask(question, answer).await
            });
            tokio::task::yield_now().await;
            task
        }

        fn answer(&self, times: usize) {
            self.may_answer.add_permits(times);
        }
    }

    #[tokio::test]
    async fn those_who_come_while_one_is_asked_are_the_next() {
        let oracle = Oracle::new(false);
        let most = u32::try_from(MOST_AT_ONCE).unwrap();
        let mut tasks = Vec::new();
        for question in 0..most + 3 {
            tasks.push(oracle.ask(question).await);
        }
        oracle.answer(3);
        for (question, task) in (0..).zip(tasks) {
            let together = match question {
                0 => 1,
                question if question <= most => MOST_AT_ONCE,
                _ => 2,
            };
            assert_eq!(task.await.unwrap(), Some((question, together)));
        }
    }

    #[tokio::test]
    async fn who_waits_no_more_is_not_asked_for() {
        let oracle = Oracle::new(false);
        let first = oracle.ask(0).await;
        let gone = oracle.ask(1).await;
        let last = oracle.ask(2).await;
        gone.abort();
        assert!(gone.await.is_err());
        oracle.answer(2);
        assert_eq!(first.await.unwrap(), Some((0, 1)));
        assert_eq!(last.await.unwrap(), Some((2, 1)));
    }

    #[tokio::test]
    async fn without_an_answer_all_are_told_and_the_next_is_asked() {
        let oracle = Oracle::new(true);
        let first = oracle.ask(0).await;
        let second = oracle.ask(1).await;
        let third = oracle.ask(2).await;
        oracle.answer(2);
        for task in [first, second, third] {
            assert_eq!(task.await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn who_is_dropped_while_asking_for_others_leaves_them_without_an_answer() {
        let oracle = Oracle::new(false);
        let first = oracle.ask(0).await;
        let leader = oracle.ask(1).await;
        let led = oracle.ask(2).await;
        oracle.answer(1);
        assert_eq!(first.await.unwrap(), Some((0, 1)));
        tokio::task::yield_now().await;
        leader.abort();
        assert!(leader.await.is_err());
        assert_eq!(led.await.unwrap(), None);
        let next = oracle.ask(3).await;
        oracle.answer(1);
        assert_eq!(next.await.unwrap(), Some((3, 1)));
    }
}
