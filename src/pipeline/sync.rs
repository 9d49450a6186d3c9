//! One sync: plan, claim, apply, settle.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use super::check::{Prepared, prepare};
use super::lock::{self, Queue};
use super::observe::{self, Observation};
use super::{Context, Options, Run, begin, moved, policy, rewritten};
use crate::api::{ApiError, Client};
use crate::apply::{self, Outcomes, Recheck, Stop, StopReason};
use crate::error::Error;
use crate::event::{Event, Stage};
use crate::key::{ItemKey, printable};
use crate::manifest::Runtime;
use crate::plan::{Action, Change, ItemOutcome, Phase, Plan, Rebuild, after, at_generations, compute};
use crate::record::store::{Before, Held, HeldError, load, this_process};
use crate::record::{AppKey, Counts, Head, Outcome, Run as PastRun, split};
use crate::source::Source;
use crate::state::Desired;

/// Makes the namespace equal to the source.
pub async fn sync(source: &Arc<Source>, options: &Options, context: &Context) -> Run {
    let mut run = begin(source, options);
    let result = try_sync(source, options, context, &mut run).await;
    run.error = result.err().map(|error| lock::or_interrupted(error, &context.stop));
    run
}

async fn try_sync(source: &Arc<Source>, options: &Options, context: &Context, run: &mut Run) -> Result<(), Error> {
    let prepared = prepare(source, options, context, run).await?;
    if let Rebuild::Of(path) = &options.rebuild
        && !prepared.desired.builds_image(path)
    {
        return Err(Error::Usage(format!("--rebuild={}: no function of this path has an image that is built here", printable(path))));
    }
    let client = lock::unless_signalled(&context.stop, Client::connect(&options.server, Arc::clone(&context.reporter))).await??;
    carry_out(Goal::Declared, options, context, run, &prepared, &client).await
}

/// What is to be there in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// What is declared, and a record of it.
    Declared,
    /// Nothing, and no record.
    Nothing,
}

/// Looks, plans and applies until one look held.
pub(super) async fn carry_out(
    goal: Goal,
    options: &Options,
    context: &Context,
    run: &mut Run,
    prepared: &Prepared,
    client: &Client,
) -> Result<(), Error> {
    let mut queue = Queue::new(options);
    let mut asked = None;
    let result = loop {
        match attempt(goal, options, context, run, prepared, client, &mut queue, &mut asked).await {
            Ok(Attempt::Again) => {}
            Ok(Attempt::Finished) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    run.requests = client.requests();
    result
}

enum Attempt {
    Finished,
    Again,
}

#[expect(clippy::too_many_arguments, reason = "what a whole run knows, handed on from one attempt to the next")]
async fn attempt(
    goal: Goal,
    options: &Options,
    context: &Context,
    run: &mut Run,
    prepared: &Prepared,
    client: &Client,
    queue: &mut Queue,
    asked: &mut Option<BTreeSet<ItemKey>>,
) -> Result<Attempt, Error> {
    let started = Instant::now();
    let observing = observe::observe(client, &prepared.desired, options, &context.reporter);
    let observation = lock::unless_signalled(&context.stop, observing).await??;
    run.timings.observe = started.elapsed();
    if goal == Goal::Nothing && !observation.snapshot.knows(&AppKey::of(&prepared.desired.app)) {
        return Err(Error::NotRecorded(prepared.desired.app.to_string()));
    }
    if let Some(holder) = queue.in_the_way(&observation.snapshot, &prepared.desired, None) {
        queue.wait(&holder.to_string(), context).await?;
        return Ok(Attempt::Again);
    }
    let desired = at_generations(&prepared.desired, &observation.observed, &options.rebuild);
    let mut plan = compute(&desired, &observation.observed, &policy(options, prepared));
    plan.warnings.extend(moved::elsewhere(client, prepared, &observation.observed, options).await?);
    plan.warnings.extend(rewritten::note(prepared, &observation.observed, options, context, run).await?);
    let plan = &*run.plan.insert(plan);
    if !plan.guards.is_empty() {
        return Err(Error::Guard(plan.guards.clone()));
    }
    if !plan.writes() && goal == Goal::Declared {
        return Ok(Attempt::Finished);
    }
    ask(plan, context, asked).await?;
    let started = Instant::now();
    let (stop, tree) = (context.stop.of_next_run(), Arc::clone(&prepared.tree));
    let containers = observation.observed.containers.clone();
    let mut applying = apply::Context::new(client, tree, Arc::clone(&context.reporter), stop, &options.deployment, containers);
    // Before anything is claimed: nobody waits for a build, and while one fails the old version goes on serving. What is live may have changed meanwhile.
    if lock::unless_signalled(&context.stop, apply::images(&applying, plan, &desired)).await?? {
        return Ok(Attempt::Again);
    }
    let claimed = lock::claim(client, &desired, &observation.snapshot, queue, context).await?;
    let Some(held) = claimed else { return Ok(Attempt::Again) };
    let before = queue.before(&observation.snapshot, &AppKey::of(&desired.app));
    let stop = context.stop.of_next_run().under(held.lease().clone());
    applying.stop = stop.clone();
    let (desired, observation) = (desired.as_ref(), &observation);
    let work = Work { goal, context, stop, prepared, desired, client, observation, applying, plan, held: &held, before };
    let end = work.carry_out().await;
    run.timings.apply = started.elapsed();
    let Some(end) = end? else {
        queue.wait("a run that took this one for dead", context).await?;
        return Ok(Attempt::Again);
    };
    run.outcomes = Some(end.outcomes);
    run.recorded = end.recorded;
    end.result.map(|()| Attempt::Finished)
}

/// Asks whether the plan may delete what it deletes, unless that was asked already.
async fn ask(plan: &Plan, context: &Context, asked: &mut Option<BTreeSet<ItemKey>>) -> Result<(), Error> {
    let Some(confirm) = context.confirm.clone() else { return Ok(()) };
    let deletes = plan.changes.iter().filter(|change| change.action == Action::Delete).map(|change| change.key.clone()).collect();
    if asked.as_ref().is_some_and(|asked| asked.is_superset(&deletes)) {
        return Ok(());
    }
    let question = plan.clone();
    let answer = tokio::task::spawn_blocking(move || confirm(&question));
    lock::unless_signalled(&context.stop, answer).await?.map_err(|error| Error::Unexpected(error.to_string()))??;
    *asked = Some(deletes);
    Ok(())
}

/// How a run ended that had begun to write.
struct End {
    outcomes: Outcomes,
    /// The record says what was done.
    recorded: bool,
    result: Result<(), Error>,
}

/// A run whose claim is held.
struct Work<'a> {
    goal: Goal,
    context: &'a Context,
    /// Says stop when a signal came, and when the claim may not hold any more.
    stop: Stop,
    prepared: &'a Prepared,
    /// What is declared, with images of the generation that is recorded or asked for.
    desired: &'a Desired,
    client: &'a Client,
    observation: &'a Observation,
    applying: apply::Context,
    plan: &'a Plan,
    held: &'a Held,
    before: Before,
}

impl Work<'_> {
    /// Writes ahead, applies and settles, while the claim is kept alive. None: the claim was lost before anything was written.
    async fn carry_out(&self) -> Result<Option<End>, Error> {
        let work = self.work();
        tokio::pin!(work);
        let end = tokio::select! {
            end = &mut work => return end,
            end = self.held.keep_alive() => end,
        };
        // What is in flight is finished, and what was done is recorded if that can still be; nothing new is begun.
        self.stop.end_run(if let HeldError::Lost = end { StopReason::Lost } else { StopReason::Unrenewed });
        work.await
    }

    async fn work(&self) -> Result<Option<End>, Error> {
        match lock::intend(self.held, self.plan, self.desired, self.observation).await {
            Ok(()) => {}
            Err(HeldError::Lost | HeldError::Unrenewed) => return Ok(None),
            Err(HeldError::Api(error)) => {
                // Nothing was changed. When giving back fails too, the claim dies with this process.
                let _ = self.held.release().await;
                return Err(error.into());
            }
        }
        let (outcomes, pruned) = self.apply().await;
        self.context.reporter.event(&Event::StageFinished(Stage::Apply));
        let settled = match pruned {
            Ok(()) if self.goal == Goal::Nothing && self.outcome(&outcomes) == Outcome::Succeeded => self.forget().await,
            Ok(()) => self.settle(&outcomes).await,
            Err(error) => Err(error),
        };
        let recorded = settled.is_ok();
        let result = settled.and_then(|()| self.result(&outcomes));
        Ok(Some(End { outcomes, recorded, result }))
    }

    async fn apply(&self) -> (Outcomes, Result<(), Error>) {
        let mut outcomes = apply::apply(&self.applying, self.plan, self.desired).await;
        let all_well = outcomes.values().all(|outcome| matches!(outcome, ItemOutcome::Done(_)));
        if !all_well {
            let why = self.stop.reason().map_or("a change before it failed", StopReason::why);
            self.skip_deletions(why, &mut outcomes);
            return (outcomes, Ok(()));
        }
        let leaves_something = self.deletions().next().is_some() || !self.plan.prune_directories.is_empty();
        let pruned = if leaves_something { self.prune(&self.applying, &mut outcomes).await } else { Ok(()) };
        (outcomes, pruned)
    }

    fn deletions(&self) -> impl Iterator<Item = &Change> {
        self.plan.changes.iter().filter(|change| change.phase == Phase::Prune)
    }

    /// Deletions that have no outcome yet are not begun any more.
    fn skip_deletions(&self, why: &'static str, outcomes: &mut Outcomes) {
        for change in self.deletions() {
            outcomes.entry(change.key.clone()).or_insert(ItemOutcome::Skipped(why));
        }
    }

    async fn prune(&self, context: &apply::Context, outcomes: &mut Outcomes) -> Result<(), Error> {
        let namespace = &self.desired.app.namespace;
        let key = AppKey::of(&self.desired.app);
        let (reader, known) = (&context.reader, self.observation.snapshot.shards());
        let looked = async {
            let (functions, files) = tokio::try_join!(reader.functions(namespace, Runtime::canonical), reader.files(namespace))?;
            let snapshot = load(reader, namespace, &known).await?;
            Ok::<_, ApiError>(observe::join(functions, files, &snapshot, &key))
        };
        let now = match looked.await {
            Ok(now) if now.unreadable.is_empty() => now,
            Ok(_) => {
                self.skip_deletions("a record could not be read any more before it", outcomes);
                return Ok(());
            }
            Err(_) => {
                self.skip_deletions("what is there could not be read again before it", outcomes);
                return Ok(());
            }
        };
        let recheck = Recheck { before: &self.observation.observed, now: &now };
        let pruned = apply::prune(context, (self.plan, self.desired), &recheck, self.held, outcomes).await;
        match pruned {
            Ok(()) => Ok(()),
            Err(HeldError::Lost) => {
                self.skip_deletions(StopReason::Lost.why(), outcomes);
                Err(Error::Lost)
            }
            Err(HeldError::Api(_) | HeldError::Unrenewed) => {
                self.skip_deletions(StopReason::Unrenewed.why(), outcomes);
                Ok(())
            }
        }
    }

    /// Puts the head that says what is true now.
    async fn settle(&self, outcomes: &Outcomes) -> Result<(), Error> {
        let before = self.observation.snapshot.record(&AppKey::of(&self.desired.app));
        let shards = split(after(self.plan, self.desired, &self.observation.observed, outcomes));
        let known = before.named_shards();
        let mut head = self.head(outcomes, before.latest());
        head.fresh = shards.iter().map(|shard| shard.digest).filter(|digest| !known.contains(digest)).collect();
        let settled = self.held.settle(head, &shards, &self.before).await;
        lock::settled(settled, "changes were made, and recording them failed", self.context)
    }

    /// Removes the record: nothing is left that it could speak of.
    async fn forget(&self) -> Result<(), Error> {
        lock::settled(self.held.forget(&self.before).await, "everything was deleted, and removing the record failed", self.context)
    }

    fn head(&self, outcomes: &Outcomes, latest: Option<&Head>) -> Head {
        let (app, revision) = (&self.desired.app, self.prepared.revision.as_ref());
        let holder = this_process();
        let run = PastRun {
            run: self.held.run().clone(),
            at: jiff::Timestamp::now().to_string(),
            revision: revision.map(crate::source::Revision::text),
            actor: holder.actor,
            host: holder.host,
            counts: counts(self.plan, outcomes),
            outcome: self.outcome(outcomes),
        };
        let mut head = Head {
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            namespace: app.namespace.to_string(),
            name: app.name.to_string(),
            source: self.prepared.identity.clone().or(latest.map(|head| head.source.clone())).unwrap_or_default(),
            branch: revision.and_then(|revision| revision.branch.clone()),
            revision: run.revision.clone(),
            applied: latest.map(|head| head.applied.clone()).unwrap_or_default(),
            hold: latest.and_then(|head| head.hold.clone()),
            history: latest.map(|head| head.history.clone()).unwrap_or_default(),
            server_start: self.client.info().started_at,
            shards: Vec::new(),
            fresh: Vec::new(),
            parents: Vec::new(),
        };
        let placed = outcomes.is_empty() || outcomes.values().any(|outcome| matches!(outcome, ItemOutcome::Done(_)));
        head.remember(run, revision.filter(|_| placed).map(|revision| revision.commit.clone()));
        head
    }

    fn outcome(&self, outcomes: &Outcomes) -> Outcome {
        let all_well = outcomes.values().all(|outcome| matches!(outcome, ItemOutcome::Done(_) | ItemOutcome::Left(_)));
        match self.stop.signal() {
            _ if all_well => Outcome::Succeeded,
            Some(_) => Outcome::Interrupted,
            None => Outcome::Partial,
        }
    }

    /// A run is a success only when every change ended well.
    fn result(&self, outcomes: &Outcomes) -> Result<(), Error> {
        let failed = outcomes.values().filter(|outcome| matches!(outcome, ItemOutcome::Failed(_))).count() as u64;
        let skipped = outcomes.values().filter(|outcome| matches!(outcome, ItemOutcome::Skipped(_))).count() as u64;
        match self.stop.signal() {
            _ if failed + skipped == 0 => Ok(()),
            Some(reason) => Err(lock::interrupted(reason)),
            None => {
                let planned = self.plan.changes.iter().filter(|change| change.action.writes_item()).count() as u64;
                Err(Error::Partial { failed, skipped, planned })
            }
        }
    }
}

fn counts(plan: &Plan, outcomes: &Outcomes) -> Counts {
    let mut counts = Counts::default();
    for change in &plan.changes {
        match (change.action, outcomes.get(&change.key)) {
            (_, Some(ItemOutcome::Failed(_))) => counts.failed += 1,
            (_, Some(ItemOutcome::Skipped(_) | ItemOutcome::Left(_))) => {}
            (Action::Create, _) => counts.create += 1,
            (Action::Update | Action::Replace, _) => counts.update += 1,
            (Action::Adopt, _) => counts.adopt += 1,
            (Action::Delete, _) => counts.delete += 1,
            (Action::Forget | Action::Conflict | Action::Unmanaged, _) => {}
        }
    }
    counts
}
