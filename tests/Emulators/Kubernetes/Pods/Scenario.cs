namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>Which pods fare otherwise than well.</summary>
public sealed class Scenario
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Namespace, string Name), PodBehaviour> _behaviours = [];
    private readonly Action _changed;

    internal Scenario(Action changed) => _changed = changed;

    /// <param name="name">Of the pod, or of the StatefulSet or Deployment whose pods are meant.</param>
    public void Set(string @namespace, string name, PodBehaviour behaviour)
    {
        lock (_gate)
            _behaviours[(@namespace, name)] = behaviour;
        _changed();
    }

    /// <summary>From now on the pod fares well.</summary>
    public void Clear(string @namespace, string name)
    {
        lock (_gate)
            _behaviours.Remove((@namespace, name));
        _changed();
    }

    internal PodBehaviour Of(string @namespace, string pod, string? owner)
    {
        lock (_gate)
        {
            if (_behaviours.TryGetValue((@namespace, pod), out var behaviour) || (owner is not null && _behaviours.TryGetValue((@namespace, owner), out behaviour)))
                return behaviour;
            // A Deployment's pods belong to a ReplicaSet, whose name is the Deployment's with a hash.
            return owner is not null && owner.LastIndexOf('-') is > 0 and var dash && _behaviours.TryGetValue((@namespace, owner[..dash]), out behaviour)
                ? behaviour
                : new PodBehaviour.Healthy();
        }
    }
}
