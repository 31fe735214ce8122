namespace Ambrosia.Build.Platforms.Kubernetes.Following;

/// <summary>What happens to a followed instance, in the order in which it is seen.</summary>
public abstract record FollowEvent(string Instance)
{
    /// <summary>A line of the container's output, each once.</summary>
    public sealed record Line(string Instance, string Text) : FollowEvent(Instance);

    /// <summary>The pod has changed in what matters.</summary>
    /// <param name="Former">As it was seen last, before it was gone; null for the first that is seen.</param>
    /// <param name="State">Null: it is gone.</param>
    public sealed record Pod(string Instance, PodState? Former, PodState? State) : FollowEvent(Instance)
    {
        /// <summary>Another container than before, with a log of its own.</summary>
        public bool IsNewLife => (Former is null && State is not null) || IsReplaced || IsRestarted;

        public bool IsReplaced => Former is not null && State is not null && Former.Uid != State.Uid;

        public bool IsRestarted => Former is not null && State is not null && Former.Uid == State.Uid && State.Restarts > Former.Restarts;
    }

    /// <summary>The log cannot be read, for now or that of a former life at all; reading goes on as soon as it can.</summary>
    /// <param name="Text">Which of it, and why.</param>
    public sealed record Lost(string Instance, string Text) : FollowEvent(Instance);
}
