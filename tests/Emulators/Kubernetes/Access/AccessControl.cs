using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Access;

/// <summary>What users may do. Everybody may do everything until a test says otherwise.</summary>
public sealed class AccessControl
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IReadOnlyList<AccessRule>> _only = [];
    private readonly List<(string User, AccessRule Rule)> _denied = [];

    /// <summary>From now on the user may do nothing but this.</summary>
    public void AllowOnly(string user, params IReadOnlyList<AccessRule> rules)
    {
        lock (_gate)
            _only[user] = [.. rules];
    }

    /// <summary>From now on the user may not do this.</summary>
    public void Deny(string user, params IReadOnlyList<AccessRule> rules)
    {
        lock (_gate)
            _denied.AddRange(rules.Select(rule => (user, rule)));
    }

    /// <summary>Everybody may do everything again.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _only.Clear();
            _denied.Clear();
        }
    }

    internal bool Allows(string user, string verb, string resource, string @namespace)
    {
        lock (_gate)
        {
            return (!_only.TryGetValue(user, out var rules) || rules.Any(rule => rule.Covers(verb, resource, @namespace)))
                && !_denied.Any(denial => denial.User == user && denial.Rule.Covers(verb, resource, @namespace));
        }
    }

    internal static ApiException Refusal(string user, string verb, ResourceType type, string subresource, string @namespace, string name)
    {
        var what = subresource.Length > 0 ? $"{type.Plural}/{subresource}" : type.Plural;
        var where = @namespace.Length > 0 ? $"in the namespace \"{@namespace}\"" : "at the cluster scope";
        var subject = name.Length > 0 ? $"{type.Qualified} \"{name}\"" : type.Qualified;
        var details = ApiException.Details(type, name);
        if (name.Length == 0)
            details.Remove("name");
        return new ApiException(
            403, "Forbidden", $"{subject} is forbidden: User \"{user}\" cannot {verb} resource \"{what}\" in API group \"{type.Group}\" {where}", details);
    }
}
