package kemu.junit;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import kemu.check.Check;
import kemu.check.Scenarios;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.host.JvmOptions;
import kemu.hw.cache.MemoryModel;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** One invocation of the test per memory model; see {@link KemuCheck}. */
final class KemuCheckExtension implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(KemuCheck.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        requireOpenPlatform();
        Method method = context.getRequiredTestMethod();
        KemuCheck asked = method.getAnnotation(KemuCheck.class);
        Scenario scenario = Scenarios.byName(asked.scenario());
        if (scenario == null) {
            throw new ExtensionConfigurationException("scenario: '" + asked.scenario() + "' (allowed: "
                    + String.join(
                            ", ", Scenarios.all().stream().map(Scenario::name).toList()) + ")");
        }
        String variant = asked.variant().isEmpty() ? scenario.variants().get(0) : asked.variant();
        String name = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        return Arrays.stream(asked.models()).map(model -> {
            Subject subject = new Subject(
                    asked.scenario(),
                    variant,
                    asked.spinlock(),
                    model(model),
                    List.of(),
                    "",
                    Check.seesEveryStore(asked.search()));
            Path kept = Path.of(asked.schedules(), name + "-" + model + ".kemu");
            return new Invocation(new CheckRun(subject, asked, kept));
        });
    }

    /** A test JVM that was not opened for kemu would end in an IllegalAccessError somewhere below. */
    private static void requireOpenPlatform() {
        Module platform = Object.class.getModule();
        Module own = KemuCheckExtension.class.getModule();
        if (!platform.isExported("jdk.internal.vm", own)
                || !platform.isOpen("jdk.internal.misc", own)
                || !platform.isOpen("java.nio", own)) {
            throw new ExtensionConfigurationException("the JVM of the tests needs these options (surefire: argLine): "
                    + String.join(" ", JvmOptions.REQUIRED));
        }
    }

    private static MemoryModel model(String name) {
        try {
            return MemoryModel.byName(name.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new ExtensionConfigurationException(
                    "model: '" + name + "' (allowed: " + String.join(", ", MemoryModel.names()) + ")", unknown);
        }
    }

    /** One check, and the test that asked for it. */
    private record Invocation(CheckRun run)
            implements TestTemplateInvocationContext, BeforeTestExecutionCallback, ParameterResolver {
        @Override
        public String getDisplayName(int index) {
            return run.subject().scenario() + " " + run.subject().options();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public void beforeTestExecution(ExtensionContext context) {
            run.require();
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CheckOutcome.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return run.outcome();
        }
    }
}
