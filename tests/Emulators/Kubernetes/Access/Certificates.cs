using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ambrosia.Emulators.Kubernetes.Access;

/// <summary>A certificate authority of its own, which signs the server's and the users' certificates.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly DateTimeOffset _now;

    public Certificates(DateTimeOffset now)
    {
        _now = now;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubernetes-emulator-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(now.AddYears(-1), now.AddYears(1));
    }

    public string AuthorityPem => _authority.ExportCertificatePem();

    /// <param name="expired">Whether the certificate's time is over since yesterday.</param>
    /// <param name="otherName">Whether it is made out to another server.</param>
    public X509Certificate2 ForServer(bool expired, bool otherName)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (otherName)
        {
            names.AddDnsName("another-server.invalid");
        }
        else
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName("localhost");
        }

        var (from, to) = expired ? (_now.AddDays(-30), _now.AddDays(-1)) : (_now.AddDays(-1), _now.AddDays(30));
        return Sign("CN=kube-apiserver", "1.3.6.1.5.5.7.3.1", from, to, names.Build());
    }

    /// <summary>A client certificate: its common name is the user's.</summary>
    public X509Certificate2 ForUser(string name) => Sign($"CN={name}", "1.3.6.1.5.5.7.3.2", _now.AddDays(-1), _now.AddDays(30), null);

    /// <summary>The user that a client certificate is made out to; null when this authority did not sign it.</summary>
    public string? UserOf(X509Certificate2? certificate)
    {
        if (certificate is null)
            return null;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate) ? certificate.GetNameInfo(X509NameType.SimpleName, false) : null;
    }

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 Sign(string subject, string usage, DateTimeOffset from, DateTimeOffset to, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        using var bare = request.Create(_authority, from, to, RandomNumberGenerator.GetBytes(12));
        using var whole = bare.CopyWithPrivateKey(key);

        // The TLS stack wants a key that outlives the object that made it.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
