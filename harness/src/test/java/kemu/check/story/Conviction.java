package kemu.check.story;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import kemu.check.Check;
import kemu.check.Judgement;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.ScheduleText;

/** What a check comes to, in everything that is no prose. Apart from its class, it speaks the JDK's types alone. */
public final class Conviction implements Function<List<String>, List<String>> {
    /** {@code subject}: scenario, strategy or variant, model. */
    @Override
    public List<String> apply(List<String> subject) {
        MemoryModel model = MemoryModel.byName(subject.get(2));
        Subject checked = Subject.of(subject.get(0), subject.get(1), model);
        try (Check check = new Check(checked)) {
            Result found = check.explore("exhaustive", 1, 100_000, () -> 1);
            Result small = check.shrink(found);
            Schedule schedule = check.schedule(small, 1);
            Story story = check.narrate(schedule, small);
            Cause cause = story.told();
            List<String> facts = new ArrayList<>(List.of(
                    "verdict " + Judgement.of(checked, found).verdict(),
                    "kind " + Judgement.of(checked, found).kind(),
                    "executions " + found.executions(),
                    "states " + found.states(),
                    "outcome " + small.outcome(),
                    "state " + Long.toHexString(small.stateHash()),
                    "schedule " + ScheduleText.write(schedule),
                    "cause " + cause.why() + (cause.proved() ? ", proved" : ""),
                    "about " + cause.about().stream().map(Long::toHexString).toList(),
                    "evidence " + cause.evidence()));
            story.locks()
                    .forEach(event -> facts.add("lock " + event.event() + " " + Long.toHexString(event.lock()) + " by "
                            + event.pid() + " in step " + event.step()));
            story.steps().forEach(step -> facts.add("step " + step.act() + " " + step.address() + " " + step.after()));
            return facts;
        }
    }
}
