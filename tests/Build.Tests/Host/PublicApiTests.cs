using System.Reflection;
using Cake.Frosting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Host;

/// <summary>The host has the public API of the official package, no more and no less, so that the suite compiles against either.</summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Test]
    public void The_public_api_is_the_official_one()
    {
        var types = typeof(CakeHost).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal);
        Golden.Verify("Host/public-api.txt", string.Concat(types.Select(Describe)));
    }

    private static string Describe(Type type)
    {
        var kind = type.IsInterface ? "interface" : $"{(type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsSealed ? "sealed " : type.IsAbstract ? "abstract " : "")}class";
        var bases = new[] { type.BaseType }.Concat(type.GetInterfaces()).OfType<Type>().Where(b => b != typeof(object)).Select(b => b.ToString()).Order(StringComparer.Ordinal);
        var members = type.GetMembers(Declared).Where(IsVisible).Select(member => $"    {member}{Constraints(member)}\n").Order(StringComparer.Ordinal);
        return $"{kind} {type} : {string.Join(", ", bases)}{Usage(type)}\n{string.Concat(members)}";
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => (method.IsPublic || method.IsFamily) && !method.Name.StartsWith("get_", StringComparison.Ordinal),
        PropertyInfo => true,
        _ => false,
    };

    private static string Constraints(MemberInfo member) => member is not MethodInfo { IsGenericMethodDefinition: true } method
        ? string.Empty
        : string.Concat(method.GetGenericArguments().Select(argument =>
            $" where {argument}: {argument.GenericParameterAttributes}, {string.Join(", ", argument.GetGenericParameterConstraints().Select(c => c.ToString()))}"));

    private static string Usage(Type type) => type.GetCustomAttribute<AttributeUsageAttribute>(inherit: false) is { } usage
        ? $" [{usage.ValidOn}, multiple {usage.AllowMultiple}, inherited {usage.Inherited}]"
        : string.Empty;
}
