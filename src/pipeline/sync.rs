//! One sync: plan, claim, apply, settle.

use std::sync::Arc;
use std::time::Instant;

use super::check::{Prepared, prepare};
use super::lock::{self, Queue};
use super::observe::{self, Observation};
use super::{Context, Options, Run, begin, policy};
use crate::api::{ApiError, Client};
use crate::apply::{self, Outcomes, Recheck, StopReason};
use crate::error::Error;
use crate::event::{Event, Stage};
use crate::key::printable;
use crate::manifest::Runtime;
use crate::plan::{Action, Change, ItemOutcome, Phase, Plan, Rebuild, after, at_generations, compute};
use crate::record::store::{Held, HeldError, load, this_process};
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
    let mut queue = Queue::new(options);
    let result = loop {
        match attempt(source, options, context, run, &prepared, &client, &mut queue).await {
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

async fn attempt(
    source: &Source,
    options: &Options,
    context: &Context,
    run: &mut Run,
    prepared: &Prepared,
    client: &Client,
    queue: &mut Queue,
) -> Result<Attempt, Error> {
    let started = Instant::now();
    let observing = observe::observe(client, &prepared.desired, options, &context.reporter);
    let observation = lock::unless_signalled(&context.stop, observing).await??;
    run.timings.observe = started.elapsed();
    if let Some(holder) = queue.in_the_way(&observation.snapshot, &prepared.desired, None) {
        queue.wait(&holder.to_string(), context).await?;
        return Ok(Attempt::Again);
    }
    let policy = policy(options, source, prepared.revision.as_ref());
    let desired = at_generations(&prepared.desired, &observation.observed, &options.rebuild);
    let plan = &*run.plan.insert(compute(&desired, &observation.observed, &policy));
    if !plan.guards.is_empty() {
        return Err(Error::Guard(plan.guards.clone()));
    }
    if !plan.writes() {
        return Ok(Attempt::Finished);
    }
    let started = Instant::now();
    let (stop, tree, containers) = (context.stop.clone(), Arc::clone(&source.tree), observation.observed.containers.clone());
    let applying = apply::Context::new(client, tree, Arc::clone(&context.reporter), stop, &options.deployment, containers);
    // Before anything is claimed: nobody waits for a build, and while one fails the old version goes on serving. What is live may have changed meanwhile.
    if lock::unless_signalled(&context.stop, apply::images(&applying, plan, &desired)).await?? {
        return Ok(Attempt::Again);
    }
    let Some(held) = lock::claim(client, &desired, &observation, queue, context).await? else { return Ok(Attempt::Again) };
    let (desired, observation) = (desired.as_ref(), &observation);
    let work = Work { source, context, prepared, desired, client, observation, applying, plan, held: &held };
    let end = work.carry_out().await;
    run.timings.apply = started.elapsed();
    let Some(end) = end? else { return Ok(Attempt::Again) };
    run.outcomes = Some(end.outcomes);
    run.recorded = end.recorded;
    end.result.map(|()| Attempt::Finished)
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
    source: &'a Source,
    context: &'a Context,
    prepared: &'a Prepared,
    /// What is declared, with images of the generation that is recorded or asked for.
    desired: &'a Desired,
    client: &'a Client,
    observation: &'a Observation,
    applying: apply::Context,
    plan: &'a Plan,
    held: &'a Held,
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
        self.context.stop.end_run(if let HeldError::Lost = end { StopReason::Lost } else { StopReason::Unrenewed });
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
            let why = self.context.stop.reason().map_or("a change before it failed", StopReason::why);
            self.skip_deletions(why, &mut outcomes);
            return (outcomes, Ok(()));
        }
        let pruned = if self.deletions().next().is_some() { self.prune(&self.applying, &mut outcomes).await } else { Ok(()) };
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
        if self.context.stop.reason() == Some(StopReason::Lost) {
            return Err(Error::Lost);
        }
        let before = self.observation.snapshot.record(&AppKey::of(&self.desired.app));
        let shards = split(after(self.plan, self.desired, &self.observation.observed, outcomes));
        let known = before.named_shards();
        let mut head = self.head(outcomes, before.latest());
        head.fresh = shards.iter().map(|shard| shard.digest).filter(|digest| !known.contains(digest)).collect();
        match self.held.settle(head, &shards, &before).await {
            Ok(settled) if settled.left_behind > 0 => {
                let message = format!("{} old parts of the record could not be removed; the next run does it", settled.left_behind);
                self.context.reporter.event(&Event::Warning(message));
            }
            Ok(_) => {}
            Err(HeldError::Lost) => return Err(Error::Lost),
            Err(HeldError::Unrenewed) => return Err(Error::Lost),
            Err(HeldError::Api(source)) => {
                return Err(Error::ServerLate { what: "changes were made, and recording them failed", source });
            }
        }
        Ok(())
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
            source: self.source.identity.clone(),
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
        match self.context.stop.signal() {
            _ if all_well => Outcome::Succeeded,
            Some(_) => Outcome::Interrupted,
            None => Outcome::Partial,
        }
    }

    /// A run is a success only when every change ended well.
    fn result(&self, outcomes: &Outcomes) -> Result<(), Error> {
        let failed = outcomes.values().filter(|outcome| matches!(outcome, ItemOutcome::Failed(_))).count() as u64;
        let skipped = outcomes.values().filter(|outcome| matches!(outcome, ItemOutcome::Skipped(_))).count() as u64;
        match self.context.stop.signal() {
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
