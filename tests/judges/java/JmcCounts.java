import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IMemberAccessor;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.flightrecorder.JfrAttributes;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/**
 * A judge of our chunks: reads a recording with JDK Mission Control's parser and prints one line per event type,
 * "name, tab, count". Every event must have a time, or it would be missing from Mission Control's pages.
 */
public final class JmcCounts {
    public static void main(String[] args) throws Exception {
        Map<String, Long> counts = new TreeMap<>();
        for (IItemIterable events : JfrLoaderToolkit.loadEvents(new File(args[0]))) {
            IMemberAccessor<IQuantity, IItem> time = JfrAttributes.END_TIME.getAccessor(events.getType());
            for (IItem event : events) {
                if (time == null || time.getMember(event) == null) {
                    throw new IllegalStateException(events.getType().getIdentifier() + ": an event without a time");
                }
                counts.merge(events.getType().getIdentifier(), 1L, Long::sum);
            }
        }
        counts.forEach((name, count) -> System.out.println(name + "\t" + count));
    }
}
